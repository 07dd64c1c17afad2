import type { HostId } from '../base/id.ts';
import type { GossipDigest } from './delta.ts';
import type { EndpointDirectory } from './endpoint-directory.ts';
import type { EndpointState } from './endpoint-state.ts';

const noSlot = -1;

/**
 * What one node knows of all endpoints: columns by directory slot, because a simulated world holds as many of these
 * tables as nodes. States are immutable and shared; the numeric columns repeat their counters, so that digests are
 * compared without following a reference.
 *
 * Invariant: a row's generation, version and bulk version equal those of its state; all are below 2^32 and 0 together
 * when the endpoint is unknown.
 */
export class EndpointTable {
  readonly #directory: EndpointDirectory;
  #generations = new Uint32Array(16);
  #versions = new Uint32Array(16);
  #bulkVersions = new Uint32Array(16);
  readonly #states: (EndpointState | null)[] = [];
  /** Slots of known endpoints, dense, in no order; and where each stands in there. */
  readonly #known: number[] = [];
  #positions = new Int32Array(16).fill(noSlot);

  constructor(directory: EndpointDirectory) {
    this.#directory = directory;
  }

  /** How many endpoints are known. */
  get size(): number {
    return this.#known.length;
  }

  has(hostId: HostId): boolean {
    return this.get(hostId) !== null;
  }

  get(hostId: HostId): EndpointState | null {
    const slot = this.#directory.find(hostId);
    return slot === null ? null : (this.#states[slot] ?? null);
  }

  /** Puts a state in place of what was known of its endpoint. */
  set(state: EndpointState): void {
    const slot = this.#directory.slotOf(state.hostId);
    this.#grow(slot);
    this.#generations[slot] = state.generation;
    this.#versions[slot] = state.version;
    this.#bulkVersions[slot] = state.bulkVersion;
    this.#states[slot] = state;
    if (this.#positions[slot] !== noSlot) return;
    this.#positions[slot] = this.#known.length;
    this.#known.push(slot);
  }

  /** Forgets an endpoint; nothing happens if it is unknown. */
  delete(hostId: HostId): void {
    const slot = this.#directory.find(hostId);
    if (slot === null || (this.#states[slot] ?? null) === null) return;
    const position = this.#positions[slot]!;
    const last = this.#known.pop()!;
    if (last !== slot) {
      this.#known[position] = last;
      this.#positions[last] = position;
    }
    this.#positions[slot] = noSlot;
    this.#generations[slot] = this.#versions[slot] = this.#bulkVersions[slot] = 0;
    this.#states[slot] = null;
  }

  /** Every known endpoint, self included, in no order. Not to be changed while it is walked. */
  *hosts(): Generator<HostId> {
    for (const slot of this.#known) yield this.#directory.hostAt(slot);
  }

  /** Where this table stands with one endpoint: all zero when it is unknown, which asks for everything. */
  digestOf(hostId: HostId): GossipDigest {
    const slot = this.#directory.find(hostId);
    if (slot === null || slot >= this.#generations.length) {
      return { hostId, generation: 0, version: 0, bulkVersion: 0 };
    }
    return this.#digestAt(hostId, slot);
  }

  /** A frozen copy of the columns for all known endpoints. */
  digests(): GossipDigest[] {
    return this.#known.map((slot) => this.#digestAt(this.#directory.hostAt(slot), slot));
  }

  #digestAt(hostId: HostId, slot: number): GossipDigest {
    return {
      hostId,
      generation: this.#generations[slot]!,
      version: this.#versions[slot]!,
      bulkVersion: this.#bulkVersions[slot]!,
    };
  }

  #grow(slot: number): void {
    const rows = this.#generations.length;
    while (this.#states.length <= slot) this.#states.push(null);
    if (slot < rows) return;
    const wanted = Math.max(rows * 2, slot + 1);
    const grown = (column: Uint32Array): Uint32Array<ArrayBuffer> => {
      const wider = new Uint32Array(wanted);
      wider.set(column);
      return wider;
    };
    this.#generations = grown(this.#generations);
    this.#versions = grown(this.#versions);
    this.#bulkVersions = grown(this.#bulkVersions);
    const positions = new Int32Array(wanted).fill(noSlot);
    positions.set(this.#positions);
    this.#positions = positions;
  }
}
