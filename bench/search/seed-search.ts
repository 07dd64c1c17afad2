import type { ChaosResult } from '../../test/sim/chaos.ts';

/** A seed whose story failed, as `test/sim/seeds.json` keeps it. */
export interface FailedSeed {
  readonly seed: number;
  /** What the fault was; until somebody knows, what the story said when it failed. */
  readonly was: string;
}

export interface SeedSearchOptions {
  /** Tells one seed's story; throws where an invariant breaks. */
  readonly story: (seed: number) => ChaosResult;
  readonly from: number;
  readonly seeds: number;
  /** Asked before each story. */
  readonly mayGoOn: () => boolean;
  /** After each story: how many were told, and how it failed if it did. */
  readonly told: (seeds: number, failure: FailedSeed | null) => void;
}

export interface SeedSearch {
  readonly seeds: number;
  readonly harms: number;
  readonly epochs: number;
  readonly looks: number;
  readonly failures: readonly FailedSeed[];
}

/** Tells the stories of seeds one after another; one that fails does not end the search. */
export function searchSeeds({ story, from, seeds, mayGoOn, told }: SeedSearchOptions): SeedSearch {
  const failures: FailedSeed[] = [];
  const sums = { seeds: 0, harms: 0, epochs: 0, looks: 0 };
  while (sums.seeds < seeds && mayGoOn()) {
    const seed = from + sums.seeds++;
    let failure: FailedSeed | null = null;
    try {
      const { harms, epochs, looks } = story(seed);
      sums.harms += harms;
      sums.epochs += epochs;
      sums.looks += looks;
    } catch (error) {
      failure = { seed, was: error instanceof Error ? error.message : String(error) };
      failures.push(failure);
    }
    told(sums.seeds, failure);
  }
  return { ...sums, failures };
}

/** The text of `seeds.json` with what failed now, each seed once; null if nothing is new. */
export function seedsText(kept: readonly FailedSeed[], failures: readonly FailedSeed[]): string | null {
  const news = failures.filter(({ seed }) => kept.every((each) => each.seed !== seed));
  if (news.length === 0) return null;
  const lines = [...kept, ...news].map(({ seed, was }) => `  { "seed": ${seed}, "was": ${JSON.stringify(was)} }`);
  return `[\n${lines.join(',\n')}\n]\n`;
}
