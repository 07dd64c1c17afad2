import type { Uint64 } from './keyed-hash.ts';

/**
 * Sums of 64-bit hashes modulo 2^64, one a bucket, as two columns of uint32. A sum does not depend on the order of its
 * terms and a term is taken out again by subtraction, so a set's fingerprint follows each change in O(1); equal sets have
 * equal sums, and different ones do but for one chance in 2^64.
 */
export class HashSums {
  readonly #highs: Uint32Array;
  readonly #lows: Uint32Array;

  constructor(buckets: number) {
    this.#highs = new Uint32Array(buckets);
    this.#lows = new Uint32Array(buckets);
  }

  get buckets(): number {
    return this.#lows.length;
  }

  add(bucket: number, { high, low }: Uint64): void {
    const sum = this.#lows[bucket]! + low;
    this.#lows[bucket] = sum;
    this.#highs[bucket] = this.#highs[bucket]! + high + (sum > 0xffffffff ? 1 : 0);
  }

  subtract(bucket: number, { high, low }: Uint64): void {
    const difference = this.#lows[bucket]! - low;
    this.#lows[bucket] = difference;
    this.#highs[bucket] = this.#highs[bucket]! - high - (difference < 0 ? 1 : 0);
  }

  at(bucket: number): Uint64 {
    return { high: this.#highs[bucket]!, low: this.#lows[bucket]! };
  }

  clear(): void {
    this.#highs.fill(0);
    this.#lows.fill(0);
  }

  /** The low halves of the sums of `buckets` groups of neighbours: what is compared over the wire. `buckets` divides. */
  folded(buckets: number): number[] {
    const width = this.buckets / buckets;
    return Array.from({ length: buckets }, (_, group) => {
      let low = 0;
      for (let bucket = group * width; bucket < (group + 1) * width; bucket++) low = (low + this.#lows[bucket]!) >>> 0;
      return low;
    });
  }
}

/** left + right modulo 2^64. */
export function sumOf(left: Uint64, right: Uint64): Uint64 {
  const low = left.low + right.low;
  return { high: (left.high + right.high + (low > 0xffffffff ? 1 : 0)) >>> 0, low: low >>> 0 };
}

/** Whether two sums or hashes are the same. */
export function sameUint64(left: Uint64, right: Uint64): boolean {
  return left.low === right.low && left.high === right.high;
}
