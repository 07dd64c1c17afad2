import type { HostId } from '../../base/id.ts';
import { counterOf } from '../../gossip/application-state.ts';
import type { EndpointState } from '../../gossip/endpoint-state.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { HostRounds } from './host-rounds.ts';
import type { Invariant } from './invariant.ts';

/**
 * Only a node writes its state: what it set at (generation, version) is that value wherever it is read, and once it has
 * spoken in a generation, nothing is read of it that it did not say. Compared value by value, because a holder that is
 * behind rightly lacks what a later change made void.
 */
export class SoleWriter implements Invariant {
  readonly rule = 'nobody but a node changes its state';
  /** `host generation counter version key` → its value. */
  readonly #values = new Map<string, string | null>();
  /** `host generation`, of those seen at the host itself: a cluster may begin with stores that know of it before. */
  readonly #spoken = new Set<string>();
  readonly #rounds = new HostRounds();
  readonly #seen = new WeakMap<SimulatedNode, Map<HostId, EndpointState['values']>>();

  look(node: SimulatedNode): string | null {
    const { reader } = node;
    const seen = this.#seen.get(node) ?? new Map<HostId, EndpointState['values']>();
    this.#seen.set(node, seen);
    const self = reader.hostId;
    for (const hostId of [self, ...this.#rounds.next(node)]) {
      const state = reader.endpointState(hostId);
      // A bare heartbeat shares the map of values with the state before it.
      if (state === null || seen.get(hostId) === state.values) continue;
      seen.set(hostId, state.values);
      const wrong = this.#compare(state, hostId === self);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  #compare({ hostId, generation, values }: EndpointState, isOwn: boolean): string | null {
    const life = `${hostId} ${generation}`;
    if (isOwn) this.#spoken.add(life);
    for (const [key, { value, version }] of values) {
      const at = `${life} ${counterOf(key)} ${version} ${key}`;
      const known = this.#values.get(at);
      if (known === value) continue;
      if (known !== undefined) return `${at} is ${JSON.stringify(value)} here and ${JSON.stringify(known)} elsewhere`;
      if (!isOwn && this.#spoken.has(life)) return `${at} is ${JSON.stringify(value)} here, and the host never said so`;
      this.#values.set(at, value);
    }
    return null;
  }
}
