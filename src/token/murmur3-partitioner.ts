import { RingError } from '../base/error.ts';
import { minToken, type Token } from './token.ts';

/*
 * 64-bit numbers are pairs of int32 (hi, lo): BigInt would cost an allocation for each of some sixty operations a key.
 * The two multipliers of Murmur3 x64_128 (Appleby) and of its final mix:
 */
const c1Hi = 0x87c37b91 | 0;
const c1Lo = 0x114253d5;
const c2Hi = 0x4cf5ad43;
const c2Lo = 0x2745937f;
const mix1Hi = 0xff51afd7 | 0;
const mix1Lo = 0xed558ccd | 0;
const mix2Hi = 0xc4ceb9fe | 0;
const mix2Lo = 0x1a85ec53;

/** The upper 32 bits of the unsigned 64-bit product of two 32-bit numbers. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16);
  const cross = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff);
  return (Math.imul(a1, b1) + (middle >>> 16) + (cross >>> 16)) | 0;
}

/** The upper half of (aHi, aLo) × (bHi, bLo) mod 2^64; the lower half is `Math.imul(aLo, bLo)`. */
function mul64High(aHi: number, aLo: number, bHi: number, bLo: number): number {
  return (mulHigh(aLo, bLo) + Math.imul(aHi, bLo) + Math.imul(aLo, bHi)) | 0;
}

/** 1 when adding `addend` made the lower half overflow to `sum`. */
function carry(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0;
}

/**
 * Cassandra's Murmur3Partitioner over the first `length` bytes of `bytes`: writes the token to `token` as
 * [hi, lo], two int32, and allocates nothing. No bytes → the minimum token; a hash of −2^63 → 2^63 − 1.
 *
 * As in Cassandra's MurmurHash.hash3_x64_128 the tail bytes (length mod 16) are *sign-extended* before they are shifted
 * and XORed, so it differs from standard Murmur3 exactly when one of them is 0x80 or more.
 */
export function murmur3Into(bytes: Uint8Array, length: number, token: Int32Array): void {
  if (length === 0) {
    token[0] = 0x80000000;
    token[1] = 0;
    return;
  }
  let h1Hi = 0;
  let h1Lo = 0;
  let h2Hi = 0;
  let h2Lo = 0;
  let hi = 0;
  let lo = 0;
  let sum = 0;
  const blocksEnd = length & ~15;

  for (let at = 0; at < blocksEnd; at += 16) {
    lo = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hi = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
    // k1 *= c1, k1 <<<= 31, k1 *= c2, h1 ^= k1
    sum = mul64High(hi, lo, c1Hi, c1Lo);
    lo = Math.imul(lo, c1Lo);
    hi = (lo >>> 1) | (sum << 31);
    lo = (sum >>> 1) | (lo << 31);
    h1Hi ^= mul64High(hi, lo, c2Hi, c2Lo);
    h1Lo ^= Math.imul(lo, c2Lo);
    // h1 <<<= 27, h1 += h2, h1 = h1 * 5 + 0x52dce729
    hi = (h1Hi << 27) | (h1Lo >>> 5);
    lo = (h1Lo << 27) | (h1Hi >>> 5);
    sum = (lo + h2Lo) | 0;
    hi = (hi + h2Hi + carry(sum, h2Lo)) | 0;
    lo = Math.imul(sum, 5);
    hi = Math.imul(hi, 5) + mulHigh(sum, 5);
    h1Lo = (lo + 0x52dce729) | 0;
    h1Hi = (hi + carry(h1Lo, lo)) | 0;

    lo = bytes[at + 8]! | (bytes[at + 9]! << 8) | (bytes[at + 10]! << 16) | (bytes[at + 11]! << 24);
    hi = bytes[at + 12]! | (bytes[at + 13]! << 8) | (bytes[at + 14]! << 16) | (bytes[at + 15]! << 24);
    // k2 *= c2, k2 <<<= 33, k2 *= c1, h2 ^= k2
    sum = mul64High(hi, lo, c2Hi, c2Lo);
    lo = Math.imul(lo, c2Lo);
    hi = (lo << 1) | (sum >>> 31);
    lo = (sum << 1) | (lo >>> 31);
    h2Hi ^= mul64High(hi, lo, c1Hi, c1Lo);
    h2Lo ^= Math.imul(lo, c1Lo);
    // h2 <<<= 31, h2 += h1, h2 = h2 * 5 + 0x38495ab5
    hi = (h2Hi << 31) | (h2Lo >>> 1);
    lo = (h2Lo << 31) | (h2Hi >>> 1);
    sum = (lo + h1Lo) | 0;
    hi = (hi + h1Hi + carry(sum, h1Lo)) | 0;
    lo = Math.imul(sum, 5);
    hi = Math.imul(hi, 5) + mulHigh(sum, 5);
    h2Lo = (lo + 0x38495ab5) | 0;
    h2Hi = (hi + carry(h2Lo, lo)) | 0;
  }

  const tail = length - blocksEnd;
  if (tail > 8) {
    hi = 0;
    lo = 0;
    for (let at = tail - 1; at >= 8; at--) {
      const byte = (bytes[blocksEnd + at]! << 24) >> 24;
      const shift = (at - 8) << 3;
      // byte is sign-extended: shifted by less than 32, its sign fills what is above it.
      if (shift < 32) {
        lo ^= byte << shift;
        hi ^= shift === 0 ? byte >> 31 : byte >> (32 - shift);
      } else {
        hi ^= byte << (shift - 32);
      }
    }
    sum = mul64High(hi, lo, c2Hi, c2Lo);
    lo = Math.imul(lo, c2Lo);
    hi = (lo << 1) | (sum >>> 31);
    lo = (sum << 1) | (lo >>> 31);
    h2Hi ^= mul64High(hi, lo, c1Hi, c1Lo);
    h2Lo ^= Math.imul(lo, c1Lo);
  }
  if (tail > 0) {
    hi = 0;
    lo = 0;
    for (let at = tail > 8 ? 7 : tail - 1; at >= 0; at--) {
      const byte = (bytes[blocksEnd + at]! << 24) >> 24;
      const shift = at << 3;
      if (shift < 32) {
        lo ^= byte << shift;
        hi ^= shift === 0 ? byte >> 31 : byte >> (32 - shift);
      } else {
        hi ^= byte << (shift - 32);
      }
    }
    sum = mul64High(hi, lo, c1Hi, c1Lo);
    lo = Math.imul(lo, c1Lo);
    hi = (lo >>> 1) | (sum << 31);
    lo = (sum >>> 1) | (lo << 31);
    h1Hi ^= mul64High(hi, lo, c2Hi, c2Lo);
    h1Lo ^= Math.imul(lo, c2Lo);
  }

  h1Lo ^= length;
  h2Lo ^= length;
  // h1 += h2, h2 += h1
  h1Lo = (h1Lo + h2Lo) | 0;
  h1Hi = (h1Hi + h2Hi + carry(h1Lo, h2Lo)) | 0;
  h2Lo = (h2Lo + h1Lo) | 0;
  h2Hi = (h2Hi + h1Hi + carry(h2Lo, h1Lo)) | 0;
  // fmix64 of both; a shift right by 33 leaves only hi >>> 1, in the lower half
  h1Lo ^= h1Hi >>> 1;
  h1Hi = mul64High(h1Hi, h1Lo, mix1Hi, mix1Lo);
  h1Lo = Math.imul(h1Lo, mix1Lo) ^ (h1Hi >>> 1);
  h1Hi = mul64High(h1Hi, h1Lo, mix2Hi, mix2Lo);
  h1Lo = Math.imul(h1Lo, mix2Lo) ^ (h1Hi >>> 1);
  h2Lo ^= h2Hi >>> 1;
  h2Hi = mul64High(h2Hi, h2Lo, mix1Hi, mix1Lo);
  h2Lo = Math.imul(h2Lo, mix1Lo) ^ (h2Hi >>> 1);
  h2Hi = mul64High(h2Hi, h2Lo, mix2Hi, mix2Lo);
  h2Lo = Math.imul(h2Lo, mix2Lo) ^ (h2Hi >>> 1);

  lo = (h1Lo + h2Lo) | 0;
  hi = (h1Hi + h2Hi + carry(lo, h2Lo)) | 0;
  // −2^63 is only a bound; Murmur3Partitioner.normalize gives its key the last position instead.
  if (hi === -0x80000000 && lo === 0) {
    hi = 0x7fffffff;
    lo = -1;
  }
  token[0] = hi;
  token[1] = lo;
}

/** The token whose halves are [hi, lo], as `murmur3Into` writes them. */
export function tokenOfHalves(hi: number, lo: number): Token {
  return (BigInt(hi) << 32n) | BigInt(lo >>> 0);
}

/** Cassandra's Murmur3Partitioner.getToken. Any bytes have a token; none at all have the minimum. */
export function murmur3Token(bytes: Uint8Array): Token {
  if (bytes.length === 0) return minToken;
  const halves = new Int32Array(2);
  murmur3Into(bytes, bytes.length, halves);
  return tokenOfHalves(halves[0]!, halves[1]!);
}

/**
 * The token of a key: strings by their UTF-8 bytes (a lone surrogate as U+FFFD). For many keys `KeyHasher` allocates less.
 * Throws RingError INVALID_KEY for an empty key or one that is neither a string nor bytes.
 */
export function tokenOf(key: string | Uint8Array): Token {
  if (typeof key === 'string' && key.length > 0) return murmur3Token(Buffer.from(key));
  if (key instanceof Uint8Array && key.length > 0) return murmur3Token(key);
  throw invalidKey(key);
}

/** The error for a key that has no token: empty, or neither a string nor bytes. */
export function invalidKey(key: unknown): RingError {
  const got =
    typeof key === 'string' || key instanceof Uint8Array ? 'an empty key' : key === null ? 'null' : `a ${typeof key}`;
  return new RingError('INVALID_KEY', `got ${got} as a key, expected a non-empty string or Uint8Array`, {
    hint: 'Give the partition key as text (hashed as UTF-8) or as its bytes.',
  });
}
