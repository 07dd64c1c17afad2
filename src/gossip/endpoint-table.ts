import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { GossipDigest } from './delta.ts';
import type { EndpointDirectory } from './endpoint-directory.ts';
import type { EndpointState } from './endpoint-state.ts';

/** Is told of every state that takes the place of another; null is none. */
export type StateListener = (slot: number, previous: EndpointState | null, next: EndpointState | null) => void;

/** How often a random slot is tried before all are looked through. */
const maxPicks = 32;

/**
 * What one node knows of all endpoints: one column by directory slot, because a simulated world holds as many of these
 * tables as nodes. States are immutable, and interned by the directory: equal ones are one object in all tables.
 */
export class EndpointTable {
  readonly #directory: EndpointDirectory;
  readonly #moved: StateListener;
  #states: (EndpointState | null)[] = [];
  #size = 0;

  constructor(directory: EndpointDirectory, moved: StateListener = () => {}) {
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
    this.#moved(slot, previous, interned);
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
    const slot = this.#directory.slotOf(hostId);
    this.#states[slot] = null;
    this.#size--;
    this.#moved(slot, previous, null);
    this.#directory.forget(slot);
  }

  /** Shows every state that is known, that of this node included, in no order. Not to be changed while it is walked. */
  walk(visit: (slot: number, state: EndpointState) => void): void {
    for (let slot = 0; slot < this.#states.length; slot++) {
      const state = this.#states[slot]!;
      if (state !== null) visit(slot, state);
    }
  }

  /** Every known endpoint, self included, in no order. Not to be changed while it is walked. */
  *hosts(): Generator<HostId> {
    for (const state of this.#states) if (state !== null) yield state.hostId;
  }

  /** Every known endpoint but these. */
  strangersTo(hosts: ReadonlyMap<HostId, unknown>): HostId[] {
    const { marks } = this.#directory.columnsOf(hosts);
    const strangers: HostId[] = [];
    this.walk((slot, { hostId }) => {
      if (marks[slot] !== 1) strangers.push(hostId);
    });
    return strangers;
  }

  /** What is known of each of these hosts, by its place among them. */
  statesOf(hosts: ReadonlyMap<HostId, unknown>): (place: number) => EndpointState | null {
    const { slots } = this.#directory.columnsOf(hosts);
    return (place) => this.#states[slots[place]!] ?? null;
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
