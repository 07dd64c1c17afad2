import type { SimulatedNode } from '../simulated-node.ts';
import type { Invariant } from './invariant.ts';

/**
 * Who knows that a host was removed knows nothing else of it: it is no member, no generation of it is gossiped on, and it
 * takes part in nothing itself.
 */
export class RemovedStaysOut implements Invariant {
  readonly rule = 'a removed node never returns';

  look(node: SimulatedNode): string | null {
    const { reader } = node;
    const { state } = reader.register;
    if (state === null) return null;
    for (const [hostId, epoch] of state.removed) {
      if (state.members.has(hostId)) return `${hostId} was removed at epoch ${epoch} and is a member`;
      if (reader.hostId === hostId && (reader.departing || reader.barred)) continue;
      if (reader.hostId === hostId) return `it was removed at epoch ${epoch} and takes part`;
      const gossiped = reader.endpointState(hostId);
      if (gossiped !== null) return `${hostId}, removed at epoch ${epoch}, is gossiped at ${gossiped.generation}`;
    }
    return null;
  }
}
