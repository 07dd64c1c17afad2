/** A seed whose story failed, as `test/sim/seeds.json` and its like keep it. */
export interface FailedSeed {
  readonly seed: number;
  /** What the fault was; until somebody knows, what the story said when it failed. */
  readonly was: string;
}

/** What a story counted, by name. */
export type Counts<Name extends string> = Readonly<Record<Name, number>>;

export interface SeedSearchOptions<Name extends string> {
  /** Tells one seed's story; throws where an invariant breaks. */
  readonly story: (seed: number) => Counts<Name>;
  /** What of the counts is added up. */
  readonly counted: readonly Name[];
  readonly from: number;
  readonly seeds: number;
  /** Asked before each story. */
  readonly mayGoOn: () => boolean;
  /** After each story: how many were told, and how it failed if it did. */
  readonly told: (seeds: number, failure: FailedSeed | null) => void;
}

export interface SeedSearch<Name extends string> {
  readonly seeds: number;
  /** Of the stories that did not fail. */
  readonly sums: Counts<Name>;
  readonly failures: readonly FailedSeed[];
}

/** Tells the stories of seeds one after another; one that fails does not end the search. */
export function searchSeeds<Name extends string>(options: SeedSearchOptions<Name>): SeedSearch<Name> {
  const { story, counted, from, seeds, mayGoOn, told } = options;
  const failures: FailedSeed[] = [];
  const sums = Object.fromEntries(counted.map((name) => [name, 0])) as Record<Name, number>;
  let count = 0;
  while (count < seeds && mayGoOn()) {
    const seed = from + count++;
    let failure: FailedSeed | null = null;
    try {
      const counts = story(seed);
      for (const name of counted) sums[name] += counts[name];
    } catch (error) {
      failure = { seed, was: error instanceof Error ? error.message : String(error) };
      failures.push(failure);
    }
    told(count, failure);
  }
  return { seeds: count, sums, failures };
}

/** The text of `seeds.json` with what failed now, each seed once; null if nothing is new. */
export function seedsText(kept: readonly FailedSeed[], failures: readonly FailedSeed[]): string | null {
  const news = failures.filter(({ seed }) => kept.every((each) => each.seed !== seed));
  if (news.length === 0) return null;
  const lines = [...kept, ...news].map(({ seed, was }) => `  { "seed": ${seed}, "was": ${JSON.stringify(was)} }`);
  return `[\n${lines.join(',\n')}\n]\n`;
}
