import type { Address, HostId } from '../base/id.ts';
import type { Seed } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

/**
 * Whom a running node reaches. Asked at every tick, so it costs nothing while all are alive, and a walk over all
 * only for a seed that leads to somebody else than it did.
 */
export class Reach {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  /** Who was found at an address last. */
  readonly #hostAt = new Map<Address, HostId>();

  constructor(context: NodeContext, membership: Membership) {
    this.#context = context;
    this.#membership = membership;
  }

  /** Other members that are alive or suspect, and that are dead. */
  counts(): { readonly alive: number; readonly dead: number } {
    const { self, protocols } = this.#context;
    const members = this.#membership.state?.members;
    if (members === undefined) return { alive: 0, dead: 0 };
    const others = protocols.gossiper.size - 1;
    const otherMembers = members.size - (members.has(self.hostId) ? 1 : 0);
    // All are alive, and as many as the members: an observer that stands in for a member never heard of is gossip's matter.
    if (protocols.detector?.aliveCount === others && otherMembers === others) return { alive: others, dead: 0 };
    let alive = 0;
    let dead = 0;
    for (const hostId of members.keys()) {
      if (hostId === self.hostId) continue;
      if (this.#membership.liveness(hostId) === 'dead') dead++;
      else alive++;
    }
    return { alive, dead };
  }

  /** Some seed leads neither here nor to a host that is alive, by its name or by an address behind it. */
  hasStrange(seeds: readonly Seed[]): boolean {
    return seeds.some((seed) => ![seed.name, ...seed.addresses].some((address) => this.leadsToLive(address)));
  }

  /** This node or a host that is not dead is at this address. */
  leadsToLive(address: Address): boolean {
    const { self, protocols } = this.#context;
    if (address === self.address) return true;
    const known = this.#hostAt.get(address);
    if (known !== undefined && this.#livesAt(known, address)) return true;
    for (const hostId of protocols.gossiper.hosts()) {
      if (hostId === self.hostId || !this.#livesAt(hostId, address)) continue;
      this.#hostAt.set(address, hostId);
      return true;
    }
    this.#hostAt.delete(address);
    return false;
  }

  #livesAt(hostId: HostId, address: Address): boolean {
    return this.#context.addressOf(hostId) === address && this.#membership.liveness(hostId) !== 'dead';
  }
}
