import { type Address, type HostId, randomHex } from '../base/id.ts';
import { secondMs } from '../base/time.ts';
import type { ShadowAck } from '../lifecycle/lifecycle-message.ts';
import type { NodeContext } from './node-context.ts';

/** How often a seed is asked while somebody is dead; as much again by chance, so that a healing is no storm. */
const everyMs = 10 * secondMs;

/**
 * The way back after a split in which every address changed (design section 4, healing): while members are dead, now and
 * then an address of the seed list that leads to nobody known alive is asked who is there. A member answers with its own
 * state alone; the rest is an exchange with it.
 */
export class SeedContact {
  readonly #context: NodeContext;
  readonly #asked = new Map<string, Address>();
  #addresses: ReadonlySet<Address> = new Set();
  #dueMs = 0;

  constructor(context: NodeContext) {
    this.#context = context;
  }

  resolved(addresses: ReadonlySet<Address>): void {
    this.#addresses = addresses;
  }

  has(address: Address | null): boolean {
    return address !== null && this.#addresses.has(address);
  }

  /** Once each gossip interval while somebody is dead. `isReached` is true for addresses of hosts that live. */
  tick(isReached: (address: Address) => boolean): void {
    const { now, random, self, clusterId, effects } = this.#context;
    if (now.monotonicMs < this.#dueMs) return;
    this.#dueMs = now.monotonicMs + everyMs * (1 + random.fraction());
    this.#asked.clear();
    const unknown = [...this.#addresses].filter((address) => address !== self.address && !isReached(address));
    if (unknown.length === 0) return;
    const address = unknown[random.below(unknown.length)]!;
    const round = randomHex(random, 8);
    this.#asked.set(round, address);
    effects.send({ hostId: null, address }, 'stream', {
      kind: 'shadowSyn',
      round,
      address: self.address,
      foundingSet: [],
      clusterId,
      brief: true,
    });
  }

  /** Whether this is the answer to a question asked here, by a member of this cluster: its state may be taken. */
  answered(from: HostId, message: ShadowAck): boolean {
    const { self, clusterId } = this.#context;
    return this.#asked.delete(message.round) && message.clusterId === clusterId && from !== self.hostId;
  }
}
