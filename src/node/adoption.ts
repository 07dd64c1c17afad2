import type { Delta } from '../gossip/delta.ts';
import { withRecordedTokens } from '../lifecycle/recorded-tokens.ts';
import type { NodeContext } from './node-context.ts';

/** Deltas taken in one step: some milliseconds of work, after which others have their turn. */
const deltasPerStep = 128;
const pauseMs = 1;

/**
 * Takes the states of a whole cluster, as a shadow answer brings them, without holding the loop: a slice a step. A node
 * that starts runs only after the last one, so nobody ever sees a part of it.
 */
export class Adoption {
  readonly #context: NodeContext;
  readonly #learn: (states: readonly Delta[]) => void;
  #waiting: readonly Delta[] = [];
  #done: () => void = () => {};
  #mark = 0;

  constructor(context: NodeContext, learn: (states: readonly Delta[]) => void) {
    this.#context = context;
    this.#learn = learn;
  }

  /** Takes these states, and calls `done` in the step of the last. Another answer takes the place of one that is open. */
  begin(states: readonly Delta[], done: () => void): void {
    this.#waiting = states;
    this.#done = done;
    this.#mark++;
    this.#step();
  }

  timer(mark: number): void {
    if (mark === this.#mark) this.#step();
  }

  #step(): void {
    const { state } = this.#context.protocols.register;
    const slice = this.#waiting.slice(0, deltasPerStep);
    this.#waiting = this.#waiting.slice(deltasPerStep);
    this.#learn(state === null ? slice : slice.flatMap((delta) => withRecordedTokens(delta, state) ?? []));
    if (this.#waiting.length === 0) this.#done();
    else this.#context.effects.schedule({ kind: 'adoption', mark: this.#mark }, pauseMs);
  }
}
