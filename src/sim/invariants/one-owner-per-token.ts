import type { RingState } from '../../epoch/ring-state.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Invariant } from './invariant.ts';
import { RingMoves } from './ring-moves.ts';

/** No token has two owners. A replacing node, which shares those of whom it replaces, owns none before its `end`. */
export class OneOwnerPerToken implements Invariant {
  readonly rule = 'a token has one owner';
  readonly #moves = new RingMoves();
  /** Those that were looked at: the nodes of a world share them where they can. */
  readonly #sound = new WeakSet<RingState>();

  look(node: SimulatedNode): string | null {
    const state = this.#moves.moved(node);
    if (state === null || this.#sound.has(state)) return null;
    const owners = new Map<bigint, string>();
    for (const member of state.members.values()) {
      if (member.state === 'replacing') continue;
      for (const token of member.tokens) {
        const other = owners.get(token);
        if (other !== undefined) return `${token} is of ${other} and of ${member.hostId} at epoch ${state.epoch}`;
        owners.set(token, member.hostId);
      }
    }
    this.#sound.add(state);
    return null;
  }
}
