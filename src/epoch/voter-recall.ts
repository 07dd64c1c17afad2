import type { HostId } from '../base/id.ts';
import type { EpochContext } from './epoch-context.ts';
import { majority } from './ring-state.ts';

/**
 * A voter that starts from a store asks the others which of its commit numbers they remember, before it votes: the store
 * may be an old copy. It is done when every other voter that is not called dead has answered, or, once its patience is
 * over, when a majority has, itself counted.
 */
export class VoterRecall {
  readonly #context: EpochContext;
  readonly #answered = new Set<HostId>();
  #pending = false;
  #sinceMs: number | null = null;
  #mark = 0;

  constructor(context: EpochContext) {
    this.#context = context;
  }

  /** True while the voter may not vote. */
  get pending(): boolean {
    return this.#pending;
  }

  /** This process has a past that it may have forgotten. */
  require(): void {
    this.#pending = true;
  }

  answered(from: HostId): void {
    this.#answered.add(from);
  }

  /** Asks at the first look, and judges at each. `others`: every voter but this one, as of now. */
  look(others: readonly HostId[], commitNumber: number): void {
    if (!this.#pending) return;
    const { isDead, nowMs, timings } = this.#context;
    const begins = this.#sinceMs === null;
    this.#sinceMs ??= nowMs;
    const heard = others.filter((voter) => this.#answered.has(voter)).length;
    const allLive = others.every((voter) => this.#answered.has(voter) || isDead(voter));
    const patienceOver = nowMs - this.#sinceMs >= timings.recallPatienceMs;
    if (allLive || (patienceOver && heard + 1 >= majority(others.length + 1))) this.#pending = false;
    else if (begins) this.#ask(others, commitNumber);
  }

  timer(mark: number, others: readonly HostId[], commitNumber: number): void {
    if (mark !== this.#mark) return;
    this.look(others, commitNumber);
    if (this.#pending) this.#ask(others, commitNumber);
  }

  #ask(others: readonly HostId[], commitNumber: number): void {
    const { effects, timings } = this.#context;
    for (const voter of others) {
      if (!this.#answered.has(voter)) effects.send(voter, { kind: 'recall', commitNumber });
    }
    effects.schedule('recall', ++this.#mark, timings.recallRepeatMs);
  }
}
