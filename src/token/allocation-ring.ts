import { compareTokens, type Token } from './token.ts';
import { rangeShare, splitRange } from './token-range.ts';

/** An owner as the allocation sees it. Replicas stand on different groups: racks, or each host a group of its own. */
export interface AllocationOwner {
  readonly group: string;
  readonly weight: number;
  readonly tokens: readonly Token[];
}

const none = -1;

/**
 * The replicated ring in which tokens are chosen: each range's replicas, each owner's share of all ranges, and what a new
 * token of the newcomer would take from whom. Shares are fractions of the ring and sum to the replication factor.
 *
 * Columns by token number, linked in ring order, so that a new token costs no shifting of the others. Ranges are numbered
 * by the token that they end at. Owners are numbered as given, the newcomer last.
 */
export class AllocationRing {
  /** By owner. */
  readonly share: Float64Array;
  readonly weight: Float64Array;
  readonly newcomer: number;
  /** By token number: the share of the range that ends there. */
  readonly width: Float64Array;
  size = 0;
  /** Owners that lose something by the token measured last; `loss` says how much, for the others it is 0. */
  readonly losers: number[] = [];
  readonly loss: Float64Array;
  /** What that token gains in ranges before its own. */
  gain = 0;
  /** Who loses what it gains in its own range; −1 for nobody. */
  ownRangeLoser = none;
  readonly #token: Token[] = [];
  readonly #owner: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By token number × replication factor: the owners that hold the range, −1 beyond their number. */
  readonly #replicas: Int32Array;
  readonly #replicationFactor: number;
  readonly #group: Int32Array;
  /** By group, the walk forward and the search backward in which it was last met: nothing to clear between them. */
  readonly #walkedIn: Int32Array;
  readonly #searchedIn: Int32Array;
  #walk = 0;
  #search = 0;

  /** `replicationFactor` ≥ 1. The newcomer holds no tokens yet, and will get at most `room`. A token named twice counts once. */
  constructor(owners: readonly AllocationOwner[], newcomer: AllocationOwner, replicationFactor: number, room: number) {
    const all = [...owners, newcomer];
    const groups = new Map<string, number>();
    for (const { group } of all) if (!groups.has(group)) groups.set(group, groups.size);
    this.newcomer = owners.length;
    this.share = new Float64Array(all.length);
    this.loss = new Float64Array(all.length);
    this.weight = Float64Array.from(all, (owner) => owner.weight);
    this.#group = Int32Array.from(all, (owner) => groups.get(owner.group)!);
    this.#walkedIn = new Int32Array(groups.size);
    this.#searchedIn = new Int32Array(groups.size);
    this.#replicationFactor = replicationFactor;
    const owned = owners
      .flatMap(({ tokens }, owner) => tokens.map((token) => ({ token, owner })))
      .sort((left, right) => compareTokens(left.token, right.token))
      .filter(({ token }, at, sorted) => token !== sorted[at - 1]?.token);
    const capacity = owned.length + room;
    this.width = new Float64Array(capacity);
    this.#owner = new Int32Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#replicas = new Int32Array(capacity * replicationFactor);
    this.size = owned.length;
    for (const [id, { token, owner }] of owned.entries()) {
      this.#token.push(token);
      this.#owner[id] = owner;
      this.#next[id] = id + 1 === this.size ? 0 : id + 1;
      this.#previous[id] = id === 0 ? this.size - 1 : id - 1;
      this.width[id] = rangeShare({ left: owned.at(id - 1)!.token, right: token });
    }
    for (let id = 0; id < this.size; id++) this.#replicate(id);
  }

  /**
   * What a token of the newcomer somewhere in the range of token `id` would change, left in `losers`, `loss`, `gain` and
   * `ownRangeLoser`: the ranges before it change as a whole wherever it stands, its own range up to where it stands.
   * False if the newcomer is a replica of that range already.
   */
  measure(id: number): boolean {
    for (const owner of this.losers) this.loss[owner] = 0;
    this.losers.length = 0;
    this.gain = 0;
    this.ownRangeLoser = this.#displacedIn(id);
    if (this.ownRangeLoser === this.newcomer) return false;
    this.#forEachReached(id, (before) => {
      const loser = this.#displacedIn(before);
      if (loser === this.newcomer) return;
      const width = this.width[before]!;
      this.gain += width;
      if (loser === none) return;
      if (this.loss[loser] === 0) this.losers.push(loser);
      this.loss[loser]! += width;
    });
    return true;
  }

  /** The position that leaves `ratio` of the range of token `id` before it. */
  position(id: number, ratio: number): Token {
    return splitRange({ left: this.#token[this.#previous[id]!]!, right: this.#token[id]! }, ratio);
  }

  /** Gives the newcomer `token`, which stands in the range of token `id` and has `ratio` of that range before it. */
  insert(id: number, token: Token, ratio: number): void {
    const added = this.size++;
    const before = this.#previous[id]!;
    this.#token.push(token);
    this.#owner[added] = this.newcomer;
    this.#previous[added] = before;
    this.#next[added] = id;
    this.#next[before] = added;
    this.#previous[id] = added;
    const whole = this.width[id]!;
    this.#unreplicate(id);
    this.width[added] = whole * ratio;
    this.width[id] = whole * (1 - ratio);
    this.#replicate(id);
    this.#replicate(added);
    this.#forEachReached(added, (reached) => {
      this.#unreplicate(reached);
      this.#replicate(reached);
    });
  }

  /** The ranges before that of token `id` whose walk comes as far as `id` and would take the newcomer there. */
  #forEachReached(id: number, visit: (reached: number) => void): void {
    this.#search++;
    const groupOfNewcomer = this.#group[this.newcomer]!;
    let met = 0;
    for (let at = this.#previous[id]!; at !== id; at = this.#previous[at]!) {
      const group = this.#group[this.#owner[at]!]!;
      if (group === groupOfNewcomer) return;
      if (this.#searchedIn[group] !== this.#search) {
        this.#searchedIn[group] = this.#search;
        met++;
        if (met === this.#replicationFactor) return;
      }
      visit(at);
    }
  }

  /** Who makes way in the range of token `id`: the replica of the newcomer's group, else the last one, if all are there. */
  #displacedIn(id: number): number {
    const first = id * this.#replicationFactor;
    const group = this.#group[this.newcomer];
    for (let at = first; at < first + this.#replicationFactor; at++) {
      const replica = this.#replicas[at]!;
      if (replica === none) return none;
      if (this.#group[replica] === group) return replica;
    }
    return this.#replicas[first + this.#replicationFactor - 1]!;
  }

  #replicate(id: number): void {
    this.#walk++;
    const first = id * this.#replicationFactor;
    let found = 0;
    let at = id;
    do {
      const owner = this.#owner[at]!;
      const group = this.#group[owner]!;
      if (this.#walkedIn[group] !== this.#walk) {
        this.#walkedIn[group] = this.#walk;
        this.#replicas[first + found++] = owner;
        this.share[owner]! += this.width[id]!;
      }
      at = this.#next[at]!;
    } while (at !== id && found < this.#replicationFactor);
    this.#replicas.fill(none, first + found, first + this.#replicationFactor);
  }

  #unreplicate(id: number): void {
    const first = id * this.#replicationFactor;
    for (let at = first; at < first + this.#replicationFactor; at++) {
      const replica = this.#replicas[at]!;
      if (replica !== none) this.share[replica]! -= this.width[id]!;
    }
  }
}
