import { RingError } from '../base/error.ts';

/** A signed 64-bit position on the ring, as Cassandra's Murmur3Partitioner has it. */
export type Token = bigint;

/** −2^63: only a bound. No node owns it, and of all keys only the empty one would hash to it (LongToken MINIMUM). */
export const minToken: Token = -(2n ** 63n);

/** 2^63 − 1, the last position. */
export const maxToken: Token = 2n ** 63n - 1n;

/** Positions that a key or a node can have: (minToken, maxToken], 2^64 − 1 of them. */
export const ringWidth: bigint = maxToken - minToken;

/** True for a bigint within the signed 64 bits, the two bounds included. */
export function isToken(value: unknown): value is Token {
  return typeof value === 'bigint' && value >= minToken && value <= maxToken;
}

/** Ascending order, for `sort`. */
export function compareTokens(left: Token, right: Token): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const decimal = /^(?:0|-?[1-9]\d{0,18})$/;

/** A token from its decimal text, the only form in JSON and on command lines. Throws RingError INVALID_ARGUMENT. */
export function parseToken(text: string): Token {
  const token = decimal.test(text) ? BigInt(text) : null;
  if (!isToken(token)) {
    throw new RingError(
      'INVALID_ARGUMENT',
      `got ${JSON.stringify(text)} as a token, expected a signed 64-bit integer`,
      {
        hint: `Give a decimal integer from ${minToken} to ${maxToken}, without spaces or leading zeros.`,
      },
    );
  }
  return token;
}
