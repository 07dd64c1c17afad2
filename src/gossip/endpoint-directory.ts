import { InvariantViolation } from '../base/error.ts';
import type { Address, HostId } from '../base/id.ts';
import { ApplicationState } from './application-state.ts';
import { wholeDeltas } from './build-delta.ts';
import type { Delta } from './delta.ts';
import type { EndpointState } from './endpoint-state.ts';
import { StateHashes } from './state-hashes.ts';

/** Hosts by their slots: in the order in which they were named, and as a byte for each slot, 1 for those that are among them. */
export interface HostColumns {
  readonly slots: Int32Array;
  readonly marks: Uint8Array;
}

/** How many states of one host are kept for sharing: the newest ones, and variants of them with other tombstones. */
const keptStates = 4;
const wordsPerHost = 4;

/**
 * Host id ↔ dense slot, so that tables about endpoints are columns and not maps of objects. Injected: one per process in
 * production, one per world in the simulator. A slot once given is kept for the life of the directory.
 *
 * It also interns states: tables that hold equal states of a host hold one object, so that a world's memory grows with
 * its nodes and not with their square.
 */
export class EndpointDirectory {
  readonly #slots = new Map<HostId, number>();
  readonly #hosts: HostId[] = [];
  readonly #recent: EndpointState[][] = [];
  /** By address, the hosts of which a kept state names it. */
  readonly #hostsAt = new Map<Address, HostId[]>();
  readonly #columns = new WeakMap<readonly EndpointState[], (EndpointState | null)[]>();
  readonly #deltas = new WeakMap<EndpointState, readonly Delta[]>();
  readonly #hostColumns = new WeakMap<ReadonlyMap<HostId, unknown>, HostColumns>();
  /** What both roots are summed up from; and the buckets of bulk keys. */
  readonly stateHashes = new StateHashes();
  readonly bulkHashes = new StateHashes();
  /** The 128 bits of each host id, four words a slot: what hashes are made of. */
  #words = new Uint32Array(16 * wordsPerHost);

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
    this.#recent.push([]);
    this.#keepWords(slot, hostId);
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

  /** Copies the four words of a host id to `target`, from `at` on. */
  copyWords(slot: number, target: Uint32Array, at: number): void {
    const first = slot * wordsPerHost;
    for (let word = 0; word < wordsPerHost; word++) target[at + word] = this.#words[first + word]!;
  }

  /** The last 32 bits of the host id with this slot. */
  tailAt(slot: number): number {
    return this.#words[slot * wordsPerHost + 3]!;
  }

  /** The finest bucket of the host with this slot: `bucketOf` of its host id. */
  bucketAt(slot: number): number {
    return this.#words[slot * wordsPerHost + 3]! & 0xff;
  }

  /** The object that stands for this state: an equal one that is held already, or the state itself from now on. */
  intern(state: EndpointState): EndpointState {
    const recent = this.#recent[this.slotOf(state.hostId)]!;
    for (const held of recent) if (held === state || sameState(held, state)) return held;
    recent.unshift(state);
    this.#keepAddress(state);
    if (recent.length > keptStates) this.#dropAddress(recent.pop()!, recent);
    return state;
  }

  /**
   * A table forgot this host: what was kept of it goes, its slot stays. Observers come and go by the thousand, and their
   * last words would fill the memory. Whoever still holds a state of it in the same world goes on, and shares it no more.
   */
  forget(slot: number): void {
    const recent = this.#recent[slot]!;
    for (let state = recent.pop(); state !== undefined; state = recent.pop()) this.#dropAddress(state, recent);
    this.stateHashes.forget(slot);
    this.bulkHashes.forget(slot);
  }

  /** Hosts that say, or said a short while ago, that they are at this address. */
  hostsAt(address: Address): readonly HostId[] {
    return this.#hostsAt.get(address) ?? nobody;
  }

  /** These states, one a host, as a column by slot, made once for a list: all nodes of a world may begin with the same. */
  columnOf(states: readonly EndpointState[]): readonly (EndpointState | null)[] {
    let column = this.#columns.get(states);
    if (column === undefined) {
      column = [];
      for (const state of states) {
        const slot = this.slotOf(state.hostId);
        while (column.length <= slot) column.push(null);
        column[slot] = this.intern(state);
      }
      this.#columns.set(states, column);
    }
    return column;
  }

  /** The keys of a map that never changes, as columns made once: the members of a ring are asked for again and again. */
  columnsOf(hosts: ReadonlyMap<HostId, unknown>): HostColumns {
    let columns = this.#hostColumns.get(hosts);
    if (columns === undefined) {
      const slots = Int32Array.from(hosts.keys(), (hostId) => this.slotOf(hostId));
      const marks = new Uint8Array(this.size);
      for (const slot of slots) marks[slot] = 1;
      columns = { slots, marks };
      this.#hostColumns.set(hosts, columns);
    }
    return columns;
  }

  /** The whole state as deltas, made once for each state: stores and answers of many nodes hold the same. */
  wholeDeltas(state: EndpointState): readonly Delta[] {
    let deltas = this.#deltas.get(state);
    if (deltas === undefined) {
      deltas = wholeDeltas(state);
      this.#deltas.set(state, deltas);
    }
    return deltas;
  }

  #keepAddress(state: EndpointState): void {
    const { hostId } = state;
    const address = addressIn(state);
    if (address === null) return;
    const hosts = this.#hostsAt.get(address);
    if (hosts === undefined) this.#hostsAt.set(address, [hostId]);
    else if (!hosts.includes(hostId)) hosts.push(hostId);
  }

  /** `gone` is not kept any more, unlike `recent` of the same host. */
  #dropAddress(gone: EndpointState, recent: readonly EndpointState[]): void {
    const address = addressIn(gone);
    if (address === null || recent.some((state) => addressIn(state) === address)) return;
    const left = this.hostsAt(address).filter((hostId) => hostId !== gone.hostId);
    if (left.length > 0) this.#hostsAt.set(address, left);
    else this.#hostsAt.delete(address);
  }

  #keepWords(slot: number, hostId: HostId): void {
    if ((slot + 1) * wordsPerHost > this.#words.length) {
      const wider = new Uint32Array(this.#words.length * 2);
      wider.set(this.#words);
      this.#words = wider;
    }
    const digits = hostId.replaceAll('-', '');
    for (let word = 0; word < wordsPerHost; word++) {
      this.#words[slot * wordsPerHost + word] = Number.parseInt(digits.slice(word * 8, word * 8 + 8), 16);
    }
  }
}

const nobody: readonly HostId[] = [];

const addressIn = ({ values }: EndpointState): Address | null => values.get(ApplicationState.address)?.value ?? null;

/** Whether two states of one host are the same to the last tombstone, in whatever order their keys stand. */
function sameState(left: EndpointState, right: EndpointState): boolean {
  if (
    left.generation !== right.generation ||
    left.version !== right.version ||
    left.bulkVersion !== right.bulkVersion ||
    left.floor !== right.floor ||
    left.bulkFloor !== right.bulkFloor ||
    left.values.size !== right.values.size
  ) {
    return false;
  }
  for (const [key, value] of left.values) {
    const other = right.values.get(key);
    if (other === value) continue;
    if (other === undefined || other.version !== value.version || other.value !== value.value) return false;
  }
  return true;
}
