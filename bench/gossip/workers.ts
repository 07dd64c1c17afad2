import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Part } from './part.ts';

/** One world to be made: what a worker process is told. */
export interface Job {
  readonly part: Part;
  readonly seed: number;
}

/** What goes to a worker, and what comes back. */
export interface JobMessage {
  readonly part: string;
  readonly nodes: number;
  readonly seed: number;
  readonly quick: boolean;
}
export interface SampleMessage {
  readonly tookMs: number;
  readonly sample?: unknown;
  readonly error?: string;
}

/** A few processes that make worlds, one at a time each: a process of its own gives each world a clean heap. */
export class Workers {
  readonly #idle: ChildProcess[] = [];
  readonly #quick: boolean;
  readonly count: number;

  constructor(count: number, quick: boolean) {
    this.count = count;
    this.#quick = quick;
  }

  /** Rejects when the world throws, which a broken invariant does, or its process dies. */
  async run({ part, seed }: Job): Promise<SampleMessage> {
    // A world of ten thousand nodes at rest needs 3 GiB; while 9,500 of them tell of 500 that died at once it takes three times that.
    // What is measured alone is not to find what earlier worlds left behind.
    const idle = part.aloneMs === undefined ? this.#idle.pop() : undefined;
    const worker =
      idle ??
      fork(join(import.meta.dirname, 'worker.js'), [], {
        execArgv: ['--max-old-space-size=14336', '--max-semi-space-size=64'],
      });
    const answer = await new Promise<SampleMessage>((resolve, reject) => {
      const died = (code: number | null): void => reject(new Error(`the worker ended with ${code}`));
      worker.once('exit', died);
      worker.once('error', reject);
      worker.once('message', (message) => {
        worker.off('exit', died);
        worker.off('error', reject);
        resolve(message as SampleMessage);
      });
      const message: JobMessage = { part: part.name, nodes: part.nodes, seed, quick: this.#quick };
      worker.send(message);
    });
    if (answer.error !== undefined) {
      worker.kill();
      throw new Error(answer.error);
    }
    if (part.nodes > 3_000 || part.aloneMs !== undefined) worker.kill();
    else this.#idle.push(worker);
    return answer;
  }

  stop(): void {
    for (const worker of this.#idle.splice(0)) worker.kill();
  }
}
