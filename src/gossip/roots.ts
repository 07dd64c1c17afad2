import type { HostId } from '../base/id.ts';
import { finestBuckets } from './buckets.ts';
import type { EndpointDirectory } from './endpoint-directory.ts';
import type { EndpointState } from './endpoint-state.ts';
import { HashSums, sumOf } from './hash-sums.ts';
import { KeyedHash, type Uint64 } from './keyed-hash.ts';

/** What a hash is about, so that equal numbers of different meaning never cancel out. */
const about = { state: 1, bulk: 2, dead: 3, fact: 4 } as const;
/** Where each of the three sums of a node stands. */
const sumOfAll = { facts: 0, states: 1, dead: 2 } as const;

/** Shows every state that the node holds. */
export type StateWalk = (visit: (slot: number, state: EndpointState) => void) => void;

/**
 * The two roots of anti-entropy (design section 4), each a sum of keyed 64-bit hashes modulo 2^64 that follows every
 * change in O(1).
 *
 * - *State root*: (host id, generation, version) of the members, and the facts that the node adds, its ring history and
 *   its schema. Bulk keys and observers are not in it.
 * - *Liveness root*: (host id, generation) of the claims "dead" about members.
 *
 * Beside them the same of bulk keys, which is compared seldom, and summed up once somebody asks.
 *
 * After the membership moved, `invalidate` makes the next reading sum up anew, by whom `begin`'s function names then;
 * until the key is given by `begin` nothing is summed at all.
 */
export class Roots {
  readonly #directory: EndpointDirectory;
  readonly #walk: StateWalk;
  readonly #states = new HashSums(finestBuckets);
  /** What the roots are made of, side by side: they are read with every probe. */
  readonly #sums = new HashSums(3);
  /** Null while it is not summed up. */
  #bulk: HashSums | null = null;
  /** The facts that are summed up; null before the key is known. */
  #summed: readonly string[] | null = null;
  readonly #deadGenerations = new Map<HostId, number>();
  readonly #words = new Uint32Array(7);
  #hash: KeyedHash | null = null;
  #members: () => ReadonlyMap<HostId, unknown> = () => nobody;
  /** A byte for each slot: 1 for the members by which all was summed up. */
  #marks: Uint8Array = new Uint8Array(0);
  #stale = true;

  constructor(directory: EndpointDirectory, walk: StateWalk) {
    this.#directory = directory;
    this.#walk = walk;
  }

  /** `clusterId`: a UUID, the key. A map of members, once given, does not change: others are another map. */
  begin(clusterId: string, members: () => ReadonlyMap<HostId, unknown>): void {
    const key = wordsOfHex(clusterId);
    this.#hash = new KeyedHash(key[0]! ^ key[2]!, key[1]! ^ key[3]!);
    this.#members = members;
    this.#summed = null;
    this.invalidate();
  }

  /** The membership moved. */
  invalidate(): void {
    this.#stale = true;
    this.#bulk = null;
  }

  /** An endpoint's state moved; null is none. */
  changed(slot: number, previous: EndpointState | null, next: EndpointState | null): void {
    if (this.#hash === null || this.#stale) return;
    if (this.#marks[slot] === 1) this.#replace(this.#directory.bucketAt(slot), slot, previous, next);
    if (this.#bulk !== null) this.#replaceBulk(this.#bulk, slot, previous, next);
  }

  /** A claim "dead" about a host stands in this generation, or (null) none does any more. */
  setDead(hostId: HostId, generation: number | null): void {
    if (this.#hash === null || (this.#deadGenerations.get(hostId) ?? null) === generation) return;
    const held = this.#deadGenerations.get(hostId);
    if (!this.#stale && this.#isMember(hostId)) {
      if (held !== undefined) this.#sums.subtract(sumOfAll.dead, this.#hashOf(about.dead, hostId, held, 0));
      if (generation !== null) this.#sums.add(sumOfAll.dead, this.#hashOf(about.dead, hostId, generation, 0));
    }
    if (generation === null) this.#deadGenerations.delete(hostId);
    else this.#deadGenerations.set(hostId, generation);
  }

  /** The state root. `facts` are hexadecimal; the same list means the same facts, so it must not be changed. */
  stateRoot(facts: readonly string[]): Uint64 {
    const hash = this.#fresh();
    if (facts !== this.#summed) {
      this.#summed = facts;
      this.#sums.empty(sumOfAll.facts);
      for (const fact of facts) {
        hash.of([about.fact, ...wordsOfHex(fact)]);
        this.#sums.add(sumOfAll.facts, hash);
      }
    }
    return sumOf(this.#sums.at(sumOfAll.facts), this.#sums.at(sumOfAll.states));
  }

  livenessRoot(): Uint64 {
    this.#fresh();
    return this.#sums.at(sumOfAll.dead);
  }

  /** What `buckets` buckets of the state root hold, as 32 bits each. */
  stateBuckets(buckets: number): number[] {
    this.#fresh();
    return this.#states.folded(buckets);
  }

  /** The same of (host id, generation, bulk version) of everybody; of observers, which no root tells of, the version too. */
  bulkBuckets(buckets: number): number[] {
    this.#fresh();
    if (this.#bulk === null) {
      const sums = new HashSums(finestBuckets);
      this.#walk((slot, state) => this.#replaceBulk(sums, slot, null, state));
      this.#bulk = sums;
    }
    return this.#bulk.folded(buckets);
  }

  #fresh(): KeyedHash {
    const hash = this.#keyed();
    if (!this.#stale) return hash;
    this.#stale = false;
    this.#marks = this.#directory.columnsOf(this.#members()).marks;
    this.#states.clear();
    this.#sums.empty(sumOfAll.states);
    this.#sums.empty(sumOfAll.dead);
    this.#walk((slot, state) => this.changed(slot, null, state));
    for (const [hostId, generation] of this.#deadGenerations) {
      if (this.#isMember(hostId)) this.#sums.add(sumOfAll.dead, this.#hashOf(about.dead, hostId, generation, 0));
    }
    return hash;
  }

  #isMember(hostId: HostId): boolean {
    return this.#marks[this.#directory.slotOf(hostId)] === 1;
  }

  #replace(bucket: number, slot: number, previous: EndpointState | null, next: EndpointState | null): void {
    if (previous !== null) {
      const hash = this.#stateHash(slot, previous);
      this.#states.subtract(bucket, hash);
      this.#sums.subtract(sumOfAll.states, hash);
    }
    if (next !== null) {
      const hash = this.#stateHash(slot, next);
      this.#states.add(bucket, hash);
      this.#sums.add(sumOfAll.states, hash);
    }
  }

  #replaceBulk(sums: HashSums, slot: number, previous: EndpointState | null, next: EndpointState | null): void {
    const bucket = this.#directory.bucketAt(slot);
    const observed = this.#marks[slot] !== 1;
    if (previous !== null) {
      sums.subtract(bucket, this.#bulkHash(slot, previous));
      if (observed) sums.subtract(bucket, this.#stateHash(slot, previous));
    }
    if (next !== null) {
      sums.add(bucket, this.#bulkHash(slot, next));
      if (observed) sums.add(bucket, this.#stateHash(slot, next));
    }
  }

  #stateHash(slot: number, state: EndpointState): Uint64 {
    const { stateHashes } = this.#directory;
    const key = this.#keyed();
    if (stateHashes.find(slot, state, key)) return stateHashes;
    const hash = this.#hashAt(slot, about.state, state.generation, state.version);
    stateHashes.keep(slot, state, key, hash);
    return hash;
  }

  #bulkHash(slot: number, state: EndpointState): Uint64 {
    const { bulkHashes } = this.#directory;
    const key = this.#keyed();
    if (bulkHashes.find(slot, state, key)) return bulkHashes;
    const hash = this.#hashAt(slot, about.bulk, state.generation, state.bulkVersion);
    bulkHashes.keep(slot, state, key, hash);
    return hash;
  }

  #hashOf(kind: number, hostId: HostId, generation: number, version: number): Uint64 {
    return this.#hashAt(this.#directory.slotOf(hostId), kind, generation, version);
  }

  #hashAt(slot: number, kind: number, generation: number, version: number): Uint64 {
    const words = this.#words;
    words[0] = kind;
    this.#directory.copyWords(slot, words, 1);
    words[5] = generation;
    words[6] = version;
    const hash = this.#keyed();
    hash.of(words);
    return hash;
  }

  /** Before `begin` any key does: what is summed then is summed anew. */
  #keyed(): KeyedHash {
    this.#hash ??= new KeyedHash(0, 0);
    return this.#hash;
  }
}

const nobody: ReadonlyMap<HostId, unknown> = new Map();

/** The 32-bit words of a hexadecimal text; dashes do not count. */
export function wordsOfHex(hex: string): number[] {
  const digits = hex.replaceAll('-', '');
  const words: number[] = [];
  for (let at = 0; at < digits.length; at += 8) words.push(Number.parseInt(digits.slice(at, at + 8), 16));
  return words;
}
