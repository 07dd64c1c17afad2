import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { GossipDigest } from './delta.ts';
import type { EndpointDirectory } from './endpoint-directory.ts';
import type { EndpointState } from './endpoint-state.ts';

/** How often a random slot is tried before all are looked through. */
const maxPicks = 32;

/**
 * What one node knows of all endpoints: one column by directory slot, because a simulated world holds as many of these
 * tables as nodes. States are immutable, and interned by the directory: equal ones are one object in all tables.
 */
export class EndpointTable {
  readonly #directory: EndpointDirectory;
  readonly #moved: (previous: EndpointState | null, next: EndpointState | null) => void;
  #states: (EndpointState | null)[] = [];
  #size = 0;

  /** `moved` is told of every state that takes the place of another; null is none. */
  constructor(
    directory: EndpointDirectory,
    moved: (previous: EndpointState | null, next: EndpointState | null) => void = () => {},
  ) {
    this.#directory = directory;
    this.#moved = moved;
  }

  /** How many endpoints are known. */
  get size(): number {
    return this.#size;
  }

  has(hostId: HostId): boolean {
    return this.get(hostId) !== null;
  }

  get(hostId: HostId): EndpointState | null {
    const slot = this.#directory.find(hostId);
    return slot === null ? null : (this.#states[slot] ?? null);
  }

  /** Puts a state in place of what was known of its endpoint, and returns the object that stands for it. */
  set(state: EndpointState): EndpointState {
    const slot = this.#directory.slotOf(state.hostId);
    while (this.#states.length <= slot) this.#states.push(null);
    const previous = this.#states[slot]!;
    if (previous === null) this.#size++;
    const interned = this.#directory.intern(state);
    this.#states[slot] = interned;
    this.#moved(previous, interned);
    return interned;
  }

  /** Begins with these states, one a host, beside that of one host which it may hold already. Nobody is told of them. */
  hold(states: readonly EndpointState[], own: HostId): void {
    const held = this.get(own);
    const slot = this.#directory.slotOf(own);
    this.#states = [...this.#directory.columnOf(states)];
    while (this.#states.length <= slot) this.#states.push(null);
    const listed = this.#states[slot] !== null;
    this.#states[slot] = held;
    this.#size = states.length - (listed ? 1 : 0) + (held === null ? 0 : 1);
  }

  /** Forgets an endpoint; nothing happens if it is unknown. */
  delete(hostId: HostId): void {
    const previous = this.get(hostId);
    if (previous === null) return;
    this.#states[this.#directory.slotOf(hostId)] = null;
    this.#size--;
    this.#moved(previous, null);
  }

  /** Every state that is known, that of this node included, in no order. Not to be changed while it is walked. */
  *states(): Generator<EndpointState> {
    for (const state of this.#states) if (state !== null) yield state;
  }

  /** Every known endpoint, self included, in no order. Not to be changed while it is walked. */
  *hosts(): Generator<HostId> {
    for (const { hostId } of this.states()) yield hostId;
  }

  /**
   * A random known endpoint that is wanted, or null if there is none. Costs a few looks while many are wanted, and a walk
   * when hardly any is.
   */
  pick(random: Random, isWanted: (hostId: HostId) => boolean): HostId | null {
    for (let tries = 0; tries < maxPicks && this.#size > 0; tries++) {
      const hostId = this.#states[random.below(this.#states.length)]?.hostId;
      if (hostId !== undefined && isWanted(hostId)) return hostId;
    }
    const wanted = [...this.hosts()].filter(isWanted);
    return wanted.length === 0 ? null : wanted[random.below(wanted.length)]!;
  }

  /** Where this table stands with one endpoint: all zero when it is unknown, which asks for everything. */
  digestOf(hostId: HostId): GossipDigest {
    const state = this.get(hostId);
    return state === null ? { hostId, generation: 0, version: 0, bulkVersion: 0 } : digestOfState(state);
  }

  /** Where this table stands with all known endpoints that are wanted. */
  digests(isWanted: (hostId: HostId) => boolean = () => true): GossipDigest[] {
    const digests: GossipDigest[] = [];
    for (const state of this.#states) {
      if (state !== null && isWanted(state.hostId)) digests.push(digestOfState(state));
    }
    return digests;
  }
}

const digestOfState = ({ hostId, generation, version, bulkVersion }: EndpointState): GossipDigest => ({
  hostId,
  generation,
  version,
  bulkVersion,
});
