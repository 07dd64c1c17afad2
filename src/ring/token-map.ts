import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { tokenOfHalves } from '../token/murmur3-partitioner.ts';
import { isToken, type Token } from '../token/token.ts';
import type { TokenRange } from '../token/token-range.ts';
import type { RingMember } from './ring-member.ts';

/**
 * Who owns which token, at one epoch. Immutable: a change of the ring is a new map, and whatever is computed from a map
 * belongs to that map alone, so a slow reader of an old ring cannot spoil a newer one.
 *
 * Tokens are sorted columns; `indexFor` finds the owner of a token through an index of buckets by leading bits, about one
 * token each, in constant time for tokens that are spread evenly and in logarithmic time for any others.
 * (Cassandra: TokenMetadata)
 */
export class TokenMap {
  /** Every member, ascending by host id; `ownerAt` points into it. Members without tokens are kept, but own nothing. */
  readonly members: readonly RingMember[];
  readonly epoch: number;
  /** How many tokens there are. */
  readonly size: number;
  readonly #hi: Int32Array;
  readonly #lo: Uint32Array;
  readonly #owner: Int32Array;
  /** Bucket b of the leading bits starts at token index #starts[b] and ends before #starts[b + 1]. */
  readonly #starts: Int32Array;
  readonly #shift: number;

  private constructor(members: readonly RingMember[], epoch: number, columns: Columns) {
    this.members = members;
    this.epoch = epoch;
    this.size = columns.hi.length;
    this.#hi = columns.hi;
    this.#lo = columns.lo;
    this.#owner = columns.owner;
    const bits = Math.min(24, Math.max(1, Math.ceil(Math.log2(this.size + 1))));
    this.#shift = 32 - bits;
    this.#starts = bucketStarts(columns.hi, bits);
  }

  /**
   * The map of `members`, each host id once. A token that several of them name stays with the lowest host id (which of
   * them should have it by epoch is the caller's to resolve before).
   * Throws RingError INVALID_ARGUMENT for a host id given twice or a token outside the signed 64 bits, and TOO_LARGE for
   * more tokens than `maxTokens`.
   */
  static of(members: Iterable<RingMember>, epoch: number): TokenMap {
    const sorted = [...members].sort((a, b) => (a.hostId < b.hostId ? -1 : a.hostId > b.hostId ? 1 : 0));
    for (let index = 1; index < sorted.length; index++) {
      if (sorted[index]!.hostId === sorted[index - 1]!.hostId) {
        throw new RingError('INVALID_ARGUMENT', `got host ${sorted[index]!.hostId} twice, expected each member once`);
      }
    }
    return new TokenMap(Object.freeze(sorted), epoch, sortedColumns(sorted));
  }

  /**
   * The index of the token that owns the token (hi, lo): the first at or after it, around the end to the first of all.
   * `hi` and `lo` are int32 as `murmur3Into` writes them. −1 in an empty map.
   */
  indexFor(hi: number, lo: number): number {
    if (this.size === 0) return -1;
    const bucket = (hi ^ 0x80000000) >>> this.#shift;
    let from = this.#starts[bucket]!;
    let to = this.#starts[bucket + 1]!;
    const low = lo >>> 0;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const middleHi = this.#hi[middle]!;
      if (middleHi < hi || (middleHi === hi && this.#lo[middle]! < low)) from = middle + 1;
      else to = middle;
    }
    return from === this.size ? 0 : from;
  }

  /** `indexFor` a token as bigint. */
  indexForToken(token: Token): number {
    return this.indexFor(Number(BigInt.asIntN(32, token >> 32n)), Number(BigInt.asIntN(32, token)));
  }

  /** The token at an index from 0 to size − 1, ascending. */
  tokenAt(index: number): Token {
    return tokenOfHalves(this.#hi[index]!, this.#lo[index]!);
  }

  /** The order of a token of this map and one of another, for `sort`: what comparing `tokenAt` would say, without a bigint. */
  compareAt(index: number, other: TokenMap, otherIndex: number): number {
    return this.#hi[index]! - other.#hi[otherIndex]! || this.#lo[index]! - other.#lo[otherIndex]!;
  }

  /** The index in `members` of the owner of the token at `index`. */
  ownerAt(index: number): number {
    return this.#owner[index]!;
  }

  /** The range that ends at the token at `index`: what its owner is primary for. One token alone has the whole ring. */
  rangeAt(index: number): TokenRange {
    return { left: this.tokenAt(index === 0 ? this.size - 1 : index - 1), right: this.tokenAt(index) };
  }

  /** Every primary range with its owner, ascending by its right end. */
  *ranges(): Generator<{ readonly range: TokenRange; readonly owner: RingMember }> {
    for (let index = 0; index < this.size; index++) {
      yield { range: this.rangeAt(index), owner: this.members[this.ownerAt(index)]! };
    }
  }

  /** Who owns exactly this token, or null. */
  hostOf(token: Token): HostId | null {
    const index = this.indexForToken(token);
    return index >= 0 && this.tokenAt(index) === token ? this.members[this.ownerAt(index)]!.hostId : null;
  }
}

interface Columns {
  readonly hi: Int32Array;
  readonly lo: Uint32Array;
  readonly owner: Int32Array;
}

/** The tokens of all members, ascending, each once with its owner's index. */
function sortedColumns(members: readonly RingMember[]): Columns {
  const count = members.reduce((sum, member) => sum + member.tokens.length, 0);
  if (count > maxTokens) throw new RingError('TOO_LARGE', `got ${count} tokens, expected at most ${maxTokens}`);
  const hi = new Int32Array(count);
  const lo = new Uint32Array(count);
  const owner = new Int32Array(count);
  const halves = new DataView(new ArrayBuffer(8));
  let at = 0;
  for (const [index, member] of members.entries()) {
    for (const token of member.tokens) {
      if (!isToken(token)) {
        throw new RingError('INVALID_ARGUMENT', `got ${token} of host ${member.hostId}, expected a 64-bit token`);
      }
      halves.setBigInt64(0, token);
      hi[at] = halves.getInt32(0);
      lo[at] = halves.getUint32(4);
      owner[at] = index;
      at++;
    }
  }
  const columns = { hi: new Int32Array(count), lo: new Uint32Array(count), owner: new Int32Array(count) };
  let kept = 0;
  for (const entry of ascending(hi, lo)) {
    // Owners are ascending by host id, so of equal tokens the lowest host id comes first, and stays.
    if (kept > 0 && columns.hi[kept - 1] === hi[entry] && columns.lo[kept - 1] === lo[entry]) continue;
    columns.hi[kept] = hi[entry]!;
    columns.lo[kept] = lo[entry]!;
    columns.owner[kept++] = owner[entry]!;
  }
  if (kept === count) return columns;
  return { hi: columns.hi.slice(0, kept), lo: columns.lo.slice(0, kept), owner: columns.owner.slice(0, kept) };
}

/** A float64 holds the upper half of a token and, below it, its index, both exactly, of so many tokens. */
const maxTokens = 2 ** 22;

/**
 * The indexes of the columns in the order of their tokens, equal ones by index. Sorted as plain numbers, without a comparison
 * in JavaScript: a new ring of ten thousand members must not hold the loop that routes. The few tokens that share their
 * upper half are put in order among themselves afterwards.
 */
function ascending(hi: Int32Array, lo: Uint32Array): Uint32Array {
  const keys = new Float64Array(hi.length);
  for (let index = 0; index < hi.length; index++) keys[index] = hi[index]! * maxTokens + index;
  keys.sort();
  const order = new Uint32Array(hi.length);
  for (const [rank, key] of keys.entries()) order[rank] = key - Math.floor(key / maxTokens) * maxTokens;
  for (let from = 0, to = 1; to <= order.length; to++) {
    if (to < order.length && hi[order[to]!] === hi[order[from]!]) continue;
    if (to - from > 1) order.subarray(from, to).sort((a, b) => lo[a]! - lo[b]! || a - b);
    from = to;
  }
  return order;
}

function bucketStarts(hi: Int32Array, bits: number): Int32Array {
  const buckets = 2 ** bits;
  const starts = new Int32Array(buckets + 1);
  let index = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    while (index < hi.length && (hi[index]! ^ 0x80000000) >>> (32 - bits) < bucket) index++;
    starts[bucket] = index;
  }
  starts[buckets] = hi.length;
  return starts;
}
