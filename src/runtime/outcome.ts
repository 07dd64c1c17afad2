import { RingError } from '../base/error.ts';

/** How a node's life went: ready once, then over once. What comes first while it starts decides `untilReady`. */
export class Outcome {
  /** Resolves when the node's life is over: null for a stop that was asked for, else why. */
  readonly ended: Promise<RingError | null>;
  readonly #ready: Promise<void>;
  #markReady!: () => void;
  #markEnded!: (error: RingError | null) => void;
  #over = false;

  constructor(signal: AbortSignal | null) {
    this.#ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    const abort = (): void => this.end(new RingError('STOPPED', 'the start was aborted'));
    if (signal?.aborted) abort();
    else {
      signal?.addEventListener('abort', abort, { once: true });
      const forget = (): void => signal?.removeEventListener('abort', abort);
      void Promise.race([this.#ready, this.ended]).then(forget);
    }
  }

  get over(): boolean {
    return this.#over;
  }

  ready(): void {
    this.#markReady();
  }

  end(error: RingError | null): void {
    this.#over = true;
    this.#markEnded(error);
  }

  /**
   * Resolves when ready; rejects with what ended the node before that, or with TIMEOUT when `joinWait` names something
   * that a join has been waiting for, without being named by a record, for `timeoutMs`.
   */
  async untilReady(timeoutMs: number, joinWait: () => string | null): Promise<void> {
    let sinceMs: number | null = null;
    const watch = setInterval(() => {
      const waiting = joinWait();
      if (waiting === null) sinceMs = null;
      else sinceMs ??= performance.now();
      if (sinceMs === null || performance.now() - sinceMs < timeoutMs) return;
      this.end(
        new RingError('TIMEOUT', `this node did not join within ${timeoutMs} ms: ${waiting}`, {
          hint: 'look at `ringctl ops` of a member; a longer joinTimeout waits longer',
        }),
      );
    }, 250);
    try {
      const error = await Promise.race([this.#ready.then(() => null), this.ended.then((why) => why ?? stopped())]);
      if (error !== null) throw error;
    } finally {
      clearInterval(watch);
    }
  }
}

const stopped = (): RingError => new RingError('STOPPED', 'the node was stopped before it was ready');
