import type { Address, HostId } from '../base/id.ts';
import type { Seed } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

/** Whom a running node reaches. Asked every few seconds: all members are walked only where a look at few does not tell. */
export class Reach {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  /** A member that was found dead last. */
  #deadMember: HostId | null = null;

  constructor(context: NodeContext, membership: Membership) {
    this.#context = context;
    this.#membership = membership;
  }

  /** Some other member is alive or suspect. */
  hasLive(): boolean {
    for (const hostId of this.#membership.recorded.keys()) if (this.#isOther(hostId, false)) return true;
    return false;
  }

  /** Some other member is dead. */
  hasDead(): boolean {
    const { self, protocols } = this.#context;
    const { recorded } = this.#membership;
    const known = this.#deadMember;
    if (known !== null && this.#membership.isMember(known) && this.#isOther(known, true)) return true;
    const others = protocols.gossiper.size - 1;
    // All are alive, and as many as the members: an observer that stands in for a member never heard of is gossip's matter.
    const otherMembers = recorded.size - (recorded.has(self.hostId) ? 1 : 0);
    if (protocols.detector?.aliveCount === others && otherMembers === others) return false;
    for (const hostId of recorded.keys()) {
      if (!this.#isOther(hostId, true)) continue;
      this.#deadMember = hostId;
      return true;
    }
    return false;
  }

  /** Some seed leads neither here nor to a host that is alive, by its name or by an address behind it. */
  hasStrange(seeds: readonly Seed[]): boolean {
    return seeds.some((seed) => ![seed.name, ...seed.addresses].some((address) => this.leadsToLive(address)));
  }

  /** This node or a host that is not dead is at this address. */
  leadsToLive(address: Address): boolean {
    const { self, protocols } = this.#context;
    if (address === self.address) return true;
    return protocols.gossiper
      .hostsAt(address)
      .some((hostId) => hostId !== self.hostId && this.#livesAt(hostId, address));
  }

  #isOther(hostId: HostId, dead: boolean): boolean {
    return hostId !== this.#context.self.hostId && (this.#membership.liveness(hostId) === 'dead') === dead;
  }

  #livesAt(hostId: HostId, address: Address): boolean {
    return this.#context.addressOf(hostId) === address && this.#membership.liveness(hostId) !== 'dead';
  }
}
