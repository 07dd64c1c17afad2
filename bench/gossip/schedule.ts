import { type Part, total } from './part.ts';
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
 * something. A world that throws ends for itself alone. Returns those that did, as words.
 */
export async function measure(options: ScheduleOptions): Promise<string[]> {
  const { parts, results, workers, budgetMs, clockMs, revision, say } = options;
  const failed: string[] = [];
  /** As long as its last one; before the first, as a smaller cluster took by node: a larger one takes at least as much. */
  const expectedMsOf = ({ name, nodes }: Part): number => {
    const known = parts.filter((part) => part.name === name && part.nodes <= nodes && results.of(part).length > 0);
    const next = known.sort((left, right) => left.nodes - right.nodes).at(-1);
    return next === undefined ? 0 : (results.of(next).at(-1)!.tookMs / next.nodes) * nodes;
  };
  const jobs = jobsOf(options);
  const spentMs = new Map<number, number>();
  const spend = (nodes: number, ms: number): unknown => spentMs.set(nodes, (spentMs.get(nodes) ?? 0) + ms);
  const work = async (left: Job[], untilMs: number): Promise<void> => {
    for (let job = takeNext(left, spentMs); job !== null; job = takeNext(left, spentMs)) {
      const { part, seed } = job;
      const { name, nodes } = part;
      const words = `${name}, ${nodes} nodes, seed ${seed}`;
      const expectedMs = expectedMsOf(part);
      if (clockMs() + expectedMs > untilMs) continue;
      // What is under way counts as spent, or all workers would begin with the same size.
      const beganMs = clockMs();
      spend(nodes, Math.max(1, expectedMs));
      try {
        const { sample, tookMs } = await workers.run(job);
        results.add({ part: name, nodes, seed, tookMs, revision, sample });
        say(`${words}: ${(tookMs / 1_000).toFixed(1)} s`);
      } catch (error) {
        const { message } = error as Error;
        failed.push(`${words} (${message.split('\n')[0]})`);
        say(`${words} FAILED: ${message}`);
      }
      spend(nodes, clockMs() - beganMs - Math.max(1, expectedMs));
    }
  };
  const together = jobs.filter(({ part }) => part.aloneMs === undefined);
  const alone = jobs.filter(({ part }) => part.aloneMs !== undefined);
  const aloneMs = total(alone.map(({ part }) => part.aloneMs ?? 0));
  await Promise.all(Array.from({ length: workers.count }, () => work(together, budgetMs - aloneMs)));
  await work(alone, budgetMs);
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
      const wanted = part.aloneMs !== undefined ? part.seeds : (seeds ?? part.seeds);
      if (seed <= wanted && !results.has(part, seed)) jobs.push({ part, seed });
    }
  }
  return jobs;
}
