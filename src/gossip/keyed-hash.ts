/**
 * A 64-bit number as two halves, each a uint32: sums of hashes are made by the million, and BigInt is too slow for that.
 */
export interface Uint64 {
  readonly high: number;
  readonly low: number;
}

/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson, Bernstein; as in the Linux kernel), over 32-bit words: a keyed
 * pseudorandom function made of 32-bit operations alone. The result of the last call stands in `high` and `low`, so that
 * nothing is allocated for a hash.
 *
 * The key is the cluster's: roots of different clusters have nothing in common, and values that collide here collide
 * nowhere else.
 */
export class KeyedHash implements Uint64 {
  readonly #key0: number;
  readonly #key1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;
  high = 0;
  low = 0;

  /** The two words of the key, uint32. */
  constructor(key0: number, key1: number) {
    this.#key0 = key0 | 0;
    this.#key1 = key1 | 0;
  }

  /** Whether both hash the same to the same. */
  hasKeyOf(other: KeyedHash): boolean {
    return this.#key0 === other.#key0 && this.#key1 === other.#key1;
  }

  /** Hashes `length` words of `words` (uint32) and leaves the result in `high` and `low`. */
  of(words: ArrayLike<number>, length: number = words.length): void {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1 ^ 0xee;
    this.#v2 = 0x6c796765 ^ this.#key0;
    this.#v3 = 0x74656462 ^ this.#key1;
    for (let at = 0; at < length; at++) this.#compress(words[at]! | 0);
    this.#compress((length * 4) << 24);
    this.#v2 ^= 0xee;
    for (let round = 0; round < 4; round++) this.#round();
    this.low = (this.#v1 ^ this.#v3) >>> 0;
    this.#v1 ^= 0xdd;
    for (let round = 0; round < 4; round++) this.#round();
    this.high = (this.#v1 ^ this.#v3) >>> 0;
  }

  #compress(word: number): void {
    this.#v3 ^= word;
    this.#round();
    this.#round();
    this.#v0 ^= word;
  }

  #round(): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }
}
