import { RingError } from '../base/error.ts';
import { maxToken, minToken, ringWidth, type Token } from './token.ts';

/**
 * (left, right]: the tokens after `left` up to and with `right`. It wraps if left ≥ right; left = right is the whole
 * ring. The minimum token as `right` means "to the end", as `left` "from the start". (Cassandra: dht.Range)
 */
export interface TokenRange {
  readonly left: Token;
  readonly right: Token;
}

/** True if the token lies in the range. */
export function rangeContains(range: TokenRange, token: Token): boolean {
  return range.left < range.right
    ? range.left < token && token <= range.right
    : token > range.left || token <= range.right;
}

/** How many positions the range holds, from 1 to 2^64 − 1 (the whole ring). */
export function rangeWidth(range: TokenRange): bigint {
  const width = range.right - range.left;
  return width > 0n ? width : width + ringWidth;
}

/** The range's share of the ring, in (0, 1]. */
export function rangeShare(range: TokenRange): number {
  return Number(rangeWidth(range)) / Number(ringWidth);
}

/**
 * The position in the middle, rounded towards `left`; `left` itself if the range holds but one position.
 * (Cassandra: Murmur3Partitioner.midpoint)
 */
export function midpoint(range: TokenRange): Token {
  return advance(range.left, rangeWidth(range) >> 1n);
}

const ratioBits = 53n;

/**
 * The position that leaves `ratioToLeft` of the range on its left side, rounded towards `left`.
 * Throws RingError INVALID_ARGUMENT unless 0 ≤ ratioToLeft ≤ 1. (Cassandra: Murmur3Partitioner.split)
 */
export function splitRange(range: TokenRange, ratioToLeft: number): Token {
  if (!(ratioToLeft >= 0 && ratioToLeft <= 1)) {
    throw new RingError('INVALID_ARGUMENT', `got ${ratioToLeft} as a split ratio, expected a number from 0 to 1`);
  }
  const ratio = BigInt(Math.floor(ratioToLeft * 2 ** Number(ratioBits)));
  return advance(range.left, (rangeWidth(range) * ratio) >> ratioBits);
}

/**
 * Each token's share of the ring: the range that ends at it. The shares sum to 1.
 * `tokens` ascending, without duplicates. Throws RingError INVALID_ARGUMENT if there are none.
 * (Cassandra: Murmur3Partitioner.describeOwnership)
 */
export function describeOwnership(tokens: readonly Token[]): Map<Token, number> {
  const last = tokens.at(-1);
  if (last === undefined) {
    throw new RingError('INVALID_ARGUMENT', 'got no tokens to describe the ownership of, expected at least one');
  }
  const shares = new Map<Token, number>();
  let left = last;
  for (const right of tokens) {
    shares.set(right, rangeShare({ left, right }));
    left = right;
  }
  return shares;
}

/** `by` positions further on; past the end it goes on after the minimum, which is no position. */
function advance(token: Token, by: bigint): Token {
  const moved = token + by;
  return moved > maxToken ? minToken + (moved - maxToken) : moved;
}
