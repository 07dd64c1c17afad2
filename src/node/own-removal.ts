import type { RingError } from '../base/error.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { Departure } from './departure.ts';
import type { NodeContext } from './node-context.ts';
import type { RingLoop } from './ring-loop.ts';
import { removedError } from './start-checks.ts';

/**
 * What becomes of a node that the records have removed. It takes part in nothing. One that finds so in its own store asks a
 * member before it gives up: it may have been readmitted since, and is a newcomer then.
 */
export class OwnRemoval {
  readonly #context: NodeContext;
  readonly #ring: RingLoop;
  #error: RingError | null = null;
  /** Once this node has been decommissioned. */
  departure: Departure | null = null;

  constructor(context: NodeContext, ring: RingLoop) {
    this.#context = context;
    this.#ring = ring;
  }

  /** Why the node must not run; null while nothing bars it. */
  get error(): RingError | null {
    return this.#error;
  }

  /** The store was read, and says this. */
  loaded(state: RingState | null): void {
    if (this.#isRemoved(state)) this.#error = removedError(this.#context.self.hostId, state!);
  }

  /**
   * The records have removed this node: it leaves in peace by its own decommission; by any other record it stops, once that
   * is on disk.
   */
  decided(state: RingState, ran: boolean): void {
    this.departure = ran ? Departure.after(state, this.#context, this.#ring) : null;
    if (this.departure !== null) return this.departure.timer();
    const error = removedError(this.#context.self.hostId, state);
    this.#error = error;
    this.#context.commit([{ kind: 'lifecycle', lifecycle: { phase: 'observing', tokens: [] } }], () =>
      this.#context.effects.emit({ kind: 'fatal', error }),
    );
  }

  /** A member has told the newest records. True: this node was readmitted, and may run. Else it is to stop. */
  isLifted(state: RingState | null): boolean {
    if (this.#error !== null && this.#isRemoved(state)) {
      this.#context.effects.emit({ kind: 'fatal', error: this.#error });
      return false;
    }
    this.#error = null;
    return true;
  }

  #isRemoved(state: RingState | null): boolean {
    return state?.removed.has(this.#context.self.hostId) === true;
  }
}
