import { type Part, total } from './part.ts';
import { failureText, type Results } from './results.ts';
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
 * size the first seed of every part comes before the second of any, and then each part gets as much time as any other: one
 * whose worlds are long does not keep the others from their number. So whenever the time is up, each cell stands on
 * something. A world that throws ends for itself alone. Returns those that did, as words.
 */
export async function measure(options: ScheduleOptions): Promise<string[]> {
  const { results, workers, budgetMs, clockMs, revision, say } = options;
  const failures: string[] = [];
  /** As long as its last one. The first of a part is begun in any case: each cell is to stand on something. */
  const expectedMsOf = (part: Part): number | null => results.of(part).at(-1)?.tookMs ?? null;
  const jobs = jobsOf(options);
  const spent = new Spent(clockMs);
  const work = async (left: Job[], untilMs: number): Promise<void> => {
    for (let job = spent.next(left); job !== null; job = spent.next(left)) {
      left.splice(left.indexOf(job), 1);
      const { part, seed } = job;
      const { name, nodes } = part;
      const words = `${name}, ${nodes} nodes, seed ${seed}`;
      const expectedMs = expectedMsOf(part);
      if (clockMs() + (expectedMs ?? spent.underWayMs(part)) > untilMs) continue;
      const end = spent.begin(part, expectedMs);
      try {
        const { sample, tookMs } = await workers.run(job);
        results.add({ part: name, nodes, seed, tookMs, revision, sample });
        say(`${words}: ${(tookMs / 1_000).toFixed(1)} s`);
      } catch (error) {
        const { message } = error as Error;
        const [failure = ''] = message.split('\n');
        const failed = { part: name, nodes, seed, revision, failed: failure };
        results.add(failed);
        failures.push(failureText(failed));
        say(`${words} FAILED: ${message}`);
      }
      end();
    }
  };
  const together = jobs.filter(({ part }) => part.aloneMs === undefined);
  // What runs alone comes last, and its time is kept for it, unless that is most of what there is.
  const mostMs = together.length === 0 ? budgetMs : budgetMs / 2;
  const alone = jobs.filter(({ part }) => part.aloneMs !== undefined && part.aloneMs <= mostMs);
  const aloneMs = total(alone.map(({ part }) => part.aloneMs ?? 0));
  await Promise.all(Array.from({ length: workers.count }, () => work(together, budgetMs - aloneMs)));
  await work(alone, budgetMs);
  workers.stop();
  return failures;
}

/** A world that is being made; `expectedMs` is null for the first of a part, which nothing is known of. */
interface UnderWay {
  readonly part: Part;
  readonly beganMs: number;
  readonly expectedMs: number | null;
}

/** Real time that each part has had, and each size. */
class Spent {
  readonly #clockMs: () => number;
  readonly #doneMs = new Map<Part, number>();
  readonly #underWay = new Set<UnderWay>();

  constructor(clockMs: () => number) {
    this.#clockMs = clockMs;
  }

  /** What is returned is to be called at the end. */
  begin(part: Part, expectedMs: number | null): () => void {
    const begun: UnderWay = { part, beganMs: this.#clockMs(), expectedMs };
    this.#underWay.add(begun);
    return () => {
      this.#underWay.delete(begun);
      this.#doneMs.set(part, (this.#doneMs.get(part) ?? 0) + this.#clockMs() - begun.beganMs);
    };
  }

  /** The job whose turn it is; null if none is left. */
  next(left: readonly Job[]): Job | null {
    const sizes = [...new Set(left.map(({ part }) => part.nodes))].map((nodes) => ({ nodes, ms: this.#sizeMs(nodes) }));
    const [size] = sizes.sort((one, other) => one.ms - other.ms || one.nodes - other.nodes);
    const jobs = left.filter(({ part }) => part.nodes === size?.nodes);
    const first = jobs.filter(({ seed }) => seed === 1);
    const [chosen = null] =
      first.length > 0 ? first : jobs.sort((one, other) => this.#partMs(one.part) - this.#partMs(other.part));
    return chosen;
  }

  /** How long a world of the part has been under way. */
  underWayMs(part: Part): number {
    const began = [...this.#underWay]
      .filter((each) => each.part === part)
      .map(({ beganMs }) => this.#clockMs() - beganMs);
    return Math.max(0, ...began);
  }

  #sizeMs(nodes: number): number {
    const done = total([...this.#doneMs].map(([part, ms]) => (part.nodes === nodes ? ms : 0)));
    // What is under way counts as spent, or all workers would begin with the same size.
    const nowMs = this.#clockMs();
    const msOf = ({ beganMs, expectedMs }: UnderWay): number => Math.max(1, expectedMs ?? 0, nowMs - beganMs);
    return done + total([...this.#underWay].filter(({ part }) => part.nodes === nodes).map(msOf));
  }

  #partMs(part: Part): number {
    const underWay = [...this.#underWay].filter((each) => each.part === part);
    // A second world waits for what the first one costs.
    if (underWay.some(({ expectedMs }) => expectedMs === null)) return Number.MAX_VALUE;
    return (this.#doneMs.get(part) ?? 0) + total(underWay.map(({ expectedMs }) => expectedMs ?? 0));
  }
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
