/** Chance, injected: production seeds one from the system, a simulated world derives all of its own from one seed. */
export interface Random {
  /** A uniform integer in [0, 2^32). */
  uint32(): number;
  /** A uniform number in [0, 1). */
  fraction(): number;
  /** A uniform integer in [0, below). `below` must be a positive safe integer. */
  below(below: number): number;
}

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, passes the usual batteries; seeded through splitmix32. */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    let state = seed | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = next();
    this.#b = next();
    // A seed beyond 32 bits counts whole: production's has 47.
    this.#c = next() ^ Math.trunc(seed / 2 ** 32);
    for (let round = 0; round < 12; round++) this.uint32();
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return sum >>> 0;
  }

  fraction(): number {
    return (this.uint32() * 2 ** 21 + (this.uint32() >>> 11)) / 2 ** 53;
  }

  below(below: number): number {
    return Math.floor(this.fraction() * below);
  }
}

/** Brings `count` random items to the front, in random order, and returns the same array. */
export function shuffleFirst<T>(items: T[], count: number, random: Random): T[] {
  for (let place = 0; place < Math.min(count, items.length - 1); place++) {
    const other = place + random.below(items.length - place);
    const held = items[place]!;
    items[place] = items[other]!;
    items[other] = held;
  }
  return items;
}

/** Shuffles in place (Fisher–Yates) and returns the same array. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const held = items[last]!;
    items[last] = items[other]!;
    items[other] = held;
  }
  return items;
}
