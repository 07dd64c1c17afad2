import type { Part } from './part.ts';
import type { Results } from './results.ts';
import type { Job, Workers } from './workers.ts';

export interface ScheduleOptions {
  readonly parts: readonly Part[];
  readonly results: Results;
  readonly workers: Workers;
  /** Worlds of each part; null: as many as the part asks for. */
  readonly seeds: number | null;
  /** Real time in all. A world that has begun is not stopped; one that would hardly fit is not begun. */
  readonly budgetMs: number;
  readonly clockMs: () => number;
  readonly revision: string;
  readonly say: (line: string) => void;
}

/**
 * Makes the worlds that are missing: the first seed of every part before the second of any, so that whenever the time is
 * up each cell stands on something. Returns the worlds that failed, as words.
 */
export async function measure(options: ScheduleOptions): Promise<string[]> {
  const { parts, results, workers, budgetMs, clockMs, revision, say } = options;
  const failed: string[] = [];
  /** Real time of a world of each part, by node: smaller clusters come first, and larger ones take at least as much. */
  const msPerNode = new Map<string, number>();
  for (const part of parts) {
    const last = results.of(part).at(-1);
    if (last !== undefined) msPerNode.set(part.name, last.tookMs / part.nodes);
  }
  const jobs = jobsOf(options);
  const work = async (mine: readonly Job[], next: { at: number }): Promise<void> => {
    while (next.at < mine.length) {
      const { part, seed } = mine[next.at++]!;
      const words = `${part.name}, ${part.nodes} nodes, seed ${seed}`;
      if (clockMs() + (msPerNode.get(part.name) ?? 0) * part.nodes > budgetMs) continue;
      try {
        const { sample, tookMs } = await workers.run({ part, seed });
        msPerNode.set(part.name, tookMs / part.nodes);
        results.add({ part: part.name, nodes: part.nodes, seed, tookMs, revision, sample });
        say(`${words}: ${(tookMs / 1_000).toFixed(1)} s`);
      } catch (error) {
        failed.push(words);
        say(`${words} FAILED: ${(error as Error).message}`);
      }
    }
  };
  const shared = { at: 0 };
  const together = jobs.filter(({ part }) => part.alone !== true);
  await Promise.all(Array.from({ length: workers.count }, () => work(together, shared)));
  await work(
    jobs.filter(({ part }) => part.alone === true),
    { at: 0 },
  );
  workers.stop();
  return failed;
}

function jobsOf({ parts, results, seeds }: ScheduleOptions): Job[] {
  const most = Math.max(0, ...parts.map((part) => seeds ?? part.seeds));
  const jobs: Job[] = [];
  for (let seed = 1; seed <= most; seed++) {
    for (const part of parts) {
      const wanted = part.alone === true ? part.seeds : (seeds ?? part.seeds);
      if (seed <= wanted && !results.has(part, seed)) jobs.push({ part, seed });
    }
  }
  return jobs;
}
