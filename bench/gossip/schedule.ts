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
 * Makes the worlds that are missing. Each size of cluster gets as much time as any other, while it has worlds left; of one
 * size the first seed of every part comes before the second of any. So whenever the time is up, each cell stands on
 * something. Returns the worlds that failed, as words.
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
  const spentMs = new Map<number, number>();
  const work = async (left: Job[]): Promise<void> => {
    for (let job = takeNext(left, spentMs); job !== null; job = takeNext(left, spentMs)) {
      const { part, seed } = job;
      const { name, nodes } = part;
      const words = `${name}, ${nodes} nodes, seed ${seed}`;
      const expectedMs = (msPerNode.get(name) ?? 0) * nodes;
      if (clockMs() + expectedMs > budgetMs) continue;
      // What is under way counts as spent, or all workers would begin with the same size.
      const before = spentMs.get(nodes) ?? 0;
      spentMs.set(nodes, before + Math.max(1, expectedMs));
      try {
        const { sample, tookMs } = await workers.run(job);
        spentMs.set(nodes, (spentMs.get(nodes) ?? 0) - Math.max(1, expectedMs) + tookMs);
        msPerNode.set(name, tookMs / nodes);
        results.add({ part: name, nodes, seed, tookMs, revision, sample });
        say(`${words}: ${(tookMs / 1_000).toFixed(1)} s`);
      } catch (error) {
        failed.push(words);
        say(`${words} FAILED: ${(error as Error).message}`);
      }
    }
  };
  const together = jobs.filter(({ part }) => part.alone !== true);
  await Promise.all(Array.from({ length: workers.count }, () => work(together)));
  await work(jobs.filter(({ part }) => part.alone === true));
  workers.stop();
  return failed;
}

/** Takes out the first job of the size that has had the least time. */
function takeNext(left: Job[], spentMs: ReadonlyMap<number, number>): Job | null {
  let chosen: Job | null = null;
  for (const job of left) {
    const spent = spentMs.get(job.part.nodes) ?? 0;
    if (chosen === null || spent < (spentMs.get(chosen.part.nodes) ?? 0)) chosen = job;
  }
  if (chosen !== null) left.splice(left.indexOf(chosen), 1);
  return chosen;
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
