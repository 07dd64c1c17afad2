import { InvariantViolation } from '../base/error.ts';
import type { HostId } from '../base/id.ts';

/**
 * Host id ↔ dense slot, so that tables about endpoints are columns and not maps of objects. Injected: one per process in
 * production, one per world in the simulator. A slot once given is kept for the life of the directory.
 */
export class EndpointDirectory {
  readonly #slots = new Map<HostId, number>();
  readonly #hosts: HostId[] = [];

  /** How many slots are given; they are 0 … size − 1. */
  get size(): number {
    return this.#hosts.length;
  }

  /** The slot of a host; gives it one if it has none. Only for host ids that were found well-formed. */
  slotOf(hostId: HostId): number {
    const known = this.#slots.get(hostId);
    if (known !== undefined) return known;
    const slot = this.#hosts.length;
    this.#slots.set(hostId, slot);
    this.#hosts.push(hostId);
    return slot;
  }

  /** The slot of a host, or null if it was never given one. */
  find(hostId: HostId): number | null {
    return this.#slots.get(hostId) ?? null;
  }

  hostAt(slot: number): HostId {
    const hostId = this.#hosts[slot];
    if (hostId === undefined) throw new InvariantViolation(`slot ${slot} was read, expected one below ${this.size}`);
    return hostId;
  }
}
