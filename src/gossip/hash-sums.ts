import type { Uint64 } from './keyed-hash.ts';

/**
 * Sums of 64-bit hashes modulo 2^64, one a bucket. A sum does not depend on the order of its terms and a term is taken out
 * again by subtraction, so a set's fingerprint follows each change in O(1); equal sets have equal sums, and different ones
 * do but for one chance in 2^64.
 */
export class HashSums {
  /** Two words a bucket, the lower half of the sum first. */
  readonly #words: Uint32Array;

  constructor(buckets: number) {
    this.#words = new Uint32Array(2 * buckets);
  }

  get buckets(): number {
    return this.#words.length / 2;
  }

  add(bucket: number, { high, low }: Uint64): void {
    const words = this.#words;
    const sum = words[2 * bucket]! + low;
    words[2 * bucket] = sum;
    words[2 * bucket + 1] = words[2 * bucket + 1]! + high + (sum > 0xffffffff ? 1 : 0);
  }

  subtract(bucket: number, { high, low }: Uint64): void {
    const words = this.#words;
    const difference = words[2 * bucket]! - low;
    words[2 * bucket] = difference;
    words[2 * bucket + 1] = words[2 * bucket + 1]! - high - (difference < 0 ? 1 : 0);
  }

  at(bucket: number): Uint64 {
    return { high: this.#words[2 * bucket + 1]!, low: this.#words[2 * bucket]! };
  }

  clear(): void {
    this.#words.fill(0);
  }

  /** Empties one bucket. */
  empty(bucket: number): void {
    this.#words.fill(0, 2 * bucket, 2 * bucket + 2);
  }

  /** The low halves of the sums of `buckets` groups of neighbours: what is compared over the wire. `buckets` divides. */
  folded(buckets: number): number[] {
    const width = this.buckets / buckets;
    return Array.from({ length: buckets }, (_, group) => {
      let low = 0;
      for (let bucket = group * width; bucket < (group + 1) * width; bucket++)
        low = (low + this.#words[2 * bucket]!) >>> 0;
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
