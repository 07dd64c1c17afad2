import type { HostId } from '../../base/id.ts';
import { counterOf } from '../../gossip/application-state.ts';
import type { EndpointState } from '../../gossip/endpoint-state.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { HostRounds } from './host-rounds.ts';
import type { Invariant } from './invariant.ts';

/**
 * Only a node writes its state: what it set at (generation, version) is that value wherever it is read, and the same for
 * everybody. Compared value by value, because a holder that is behind rightly lacks what a later change made void.
 */
export class SoleWriter implements Invariant {
  readonly rule = 'nobody but a node changes its state';
  /** `host generation counter version key` → its value. */
  readonly #values = new Map<string, string | null>();
  readonly #rounds = new HostRounds();
  readonly #seen = new WeakMap<SimulatedNode, Map<HostId, EndpointState['values']>>();

  look(node: SimulatedNode): string | null {
    const { reader } = node;
    const seen = this.#seen.get(node) ?? new Map<HostId, EndpointState['values']>();
    this.#seen.set(node, seen);
    for (const hostId of this.#rounds.next(node)) {
      const state = reader.endpointState(hostId);
      // A bare heartbeat shares the map of values with the state before it.
      if (state === null || seen.get(hostId) === state.values) continue;
      seen.set(hostId, state.values);
      const wrong = this.#compare(state);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  #compare({ hostId, generation, values }: EndpointState): string | null {
    for (const [key, { value, version }] of values) {
      const at = `${hostId} ${generation} ${counterOf(key)} ${version} ${key}`;
      const known = this.#values.get(at);
      if (known === undefined) this.#values.set(at, value);
      else if (known !== value) return `${at} is ${JSON.stringify(value)} here and ${JSON.stringify(known)} elsewhere`;
    }
    return null;
  }
}
