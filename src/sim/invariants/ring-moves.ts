import type { RingState } from '../../epoch/ring-state.ts';
import type { SimulatedNode } from '../simulated-node.ts';

/** Tells of each node whether its ring has moved since it was last asked: rules about the ring need not look in between. */
export class RingMoves {
  readonly #seen = new WeakMap<SimulatedNode, string>();

  /** The node's ring if it is another one than at the last call, else null. */
  moved(node: SimulatedNode): RingState | null {
    const { state } = node.reader.register;
    if (state === null || this.#seen.get(node) === state.chainHash) return null;
    this.#seen.set(node, state.chainHash);
    return state;
  }
}
