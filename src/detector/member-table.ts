import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import { type Liveness, livenessStates } from './liveness-claim.ts';
import type { MemberState } from './member-state.ts';
import { ProbeOrder } from './probe-order.ts';
import { probeDistance } from './probe-rotation.ts';

/** Host id ↔ dense slot, given for good: what columns are indexed by. One per process or simulated world. */
export interface HostSlots {
  /** How many are given; they are 0 … size − 1. */
  readonly size: number;
  slotOf(hostId: HostId): number;
  /** The slot of a host, or null if it was never given one: whoever is only named is given none. */
  find(hostId: HostId): number | null;
  hostAt(slot: number): HostId;
  /** The last 32 bits of the host id: those are random, and as good as a hash. */
  tailAt(slot: number): number;
}

/** A row's byte: 0 unknown; else liveness + 1 in the low bits, and flags. */
const livenessBits = 3;
const leftFlag = 4;
/** Never heard of by a proof since the start: dead for others until an ack, but probed. */
const unprovenFlag = 8;

/**
 * The claims that stand, one a host, this node not among them: columns by slot, because a simulated world holds as many
 * of these tables as nodes. Who accused whom is kept elsewhere, and only while it matters.
 */
export class MemberTable {
  readonly #slots: HostSlots;
  #rows = new Uint8Array(16);
  #generations = new Uint32Array(16);
  /** Only those above 0: few ever have to refute. */
  readonly #incarnations = new Map<number, number>();
  readonly #order = new ProbeOrder((slot) => this.#slots.tailAt(slot));
  readonly #dead = new Set<number>();
  #aliveCount = 0;

  constructor(slots: HostSlots) {
    this.#slots = slots;
  }

  /** Hosts known, dead ones included. */
  get size(): number {
    return this.#order.size;
  }

  get deadCount(): number {
    return this.#dead.size;
  }

  /** Hosts that `liveness` does not call dead. */
  get aliveCount(): number {
    return this.#aliveCount;
  }

  has(hostId: HostId): boolean {
    return this.#row(hostId) !== 0;
  }

  /** Whether a host that is not held for dead has yet to prove its life. */
  isUnproven(hostId: HostId): boolean {
    const row = this.#row(hostId);
    return (row & unprovenFlag) !== 0 && (row & livenessBits) !== livenessStates.indexOf('dead') + 1;
  }

  /** The state that stands; null for a host never heard of. An unproven one is alive here. */
  get(hostId: HostId): MemberState | null {
    const row = this.#row(hostId);
    if (row === 0) return null;
    const slot = this.#slots.slotOf(hostId);
    return {
      generation: this.#generations[slot]!,
      incarnation: this.#incarnations.get(slot) ?? 0,
      liveness: livenessStates[(row & livenessBits) - 1]!,
      left: (row & leftFlag) !== 0,
    };
  }

  /** Something is claimed of it that is not `alive`. Cheaper than `get`: every probe and every answer asks. */
  isDoubted(hostId: HostId): boolean {
    return (this.#row(hostId) & livenessBits) > livenessStates.indexOf('alive') + 1;
  }

  /** What the row says to others: dead if unknown or unproven. */
  liveness(hostId: HostId): Liveness {
    return livenessOf(this.#row(hostId));
  }

  /** Sets a row; a new host joins the order of probes. Who is unproven stays so until it is alive. */
  set(hostId: HostId, state: MemberState, proven: boolean): void {
    const slot = this.#slots.slotOf(hostId);
    this.#widen(slot);
    const unproven = state.liveness === 'alive' ? !proven : (this.#rows[slot]! & unprovenFlag) !== 0;
    if (this.#rows[slot] === 0) this.#order.add(slot);
    this.#put(
      slot,
      (livenessStates.indexOf(state.liveness) + 1) | (state.left ? leftFlag : 0) | (unproven ? unprovenFlag : 0),
    );
    this.#generations[slot] = state.generation;
    if (state.incarnation === 0) this.#incarnations.delete(slot);
    else this.#incarnations.set(slot, state.incarnation);
    if (state.liveness === 'dead') this.#dead.add(slot);
    else this.#dead.delete(slot);
  }

  /** Puts in many hosts that are alive and not in it yet. */
  fill(hosts: readonly { readonly hostId: HostId; readonly generation: number }[]): void {
    const alive = livenessStates.indexOf('alive') + 1;
    this.#widen(this.#slots.size - 1);
    this.#order.reserve(hosts.length);
    let slot = -1;
    for (const { hostId, generation } of hosts) {
      // They mostly come in the order of their slots: then none has to be looked up.
      if (++slot >= this.#slots.size || this.#slots.hostAt(slot) !== hostId) slot = this.#slots.slotOf(hostId);
      this.#widen(slot);
      this.#put(slot, alive);
      this.#generations[slot] = generation;
      this.#order.add(slot);
    }
  }

  delete(hostId: HostId): void {
    if (!this.has(hostId)) return;
    const slot = this.#slots.slotOf(hostId);
    this.#put(slot, 0);
    this.#incarnations.delete(slot);
    this.#dead.delete(slot);
    this.#order.delete(slot);
  }

  /** Whom `self` probes in this period: the next one who is not dead from where the rotation points; null if nobody is. */
  probedIn(period: number, self: HostId): HostId | null {
    const { size } = this.#order;
    if (size === this.#dead.size) return null;
    const slot = this.#slots.slotOf(self);
    let distance = probeDistance(period, size);
    while (this.#dead.has(this.#order.after(slot, distance))) distance = (distance % size) + 1;
    return this.#slots.hostAt(this.#order.after(slot, distance));
  }

  /** A random dead host; null if none is. */
  anyDead(random: Random): HostId | null {
    let left = this.#dead.size === 0 ? -1 : random.below(this.#dead.size);
    for (const slot of this.#dead) if (left-- === 0) return this.#slots.hostAt(slot);
    return null;
  }

  /** Up to `count` random hosts that are alive, each once, `except` left out: SWIM's helpers. */
  anyAlive(count: number, except: HostId, random: Random): HostId[] {
    const chosen = new Set<HostId>();
    for (let tried = 0; tried < 8 * count && chosen.size < count && this.#order.size > 0; tried++) {
      const hostId = this.#slots.hostAt(this.#order.at(random.below(this.#order.size)));
      if (hostId !== except && this.liveness(hostId) === 'alive') chosen.add(hostId);
    }
    return [...chosen];
  }

  /** Everybody known, in no order. The table must not change meanwhile. */
  *hosts(): Iterable<HostId> {
    for (let place = 0; place < this.#order.size; place++) yield this.#slots.hostAt(this.#order.at(place));
  }

  #row(hostId: HostId): number {
    const slot = this.#slots.find(hostId);
    return slot === null ? 0 : (this.#rows[slot] ?? 0);
  }

  #put(slot: number, row: number): void {
    if (livenessOf(this.#rows[slot]!) !== 'dead') this.#aliveCount--;
    if (livenessOf(row) !== 'dead') this.#aliveCount++;
    this.#rows[slot] = row;
  }

  #widen(slot: number): void {
    if (slot < this.#rows.length) return;
    const length = Math.max(slot + 1, this.#rows.length * 2);
    const rows = new Uint8Array(length);
    rows.set(this.#rows);
    this.#rows = rows;
    const generations = new Uint32Array(length);
    generations.set(this.#generations);
    this.#generations = generations;
  }
}

const livenessOf = (row: number): Liveness =>
  row === 0 || (row & unprovenFlag) !== 0 ? 'dead' : livenessStates[(row & livenessBits) - 1]!;
