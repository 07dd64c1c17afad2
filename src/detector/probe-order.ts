/** How many slots are put in their places one by one; more at once are sorted with all others. */
const fewNew = 16;
/** Slots are below it: key and slot together are one exact number, by which columns of them sort fast. */
const maxSlots = 2 ** 21;

/**
 * All hosts on a circle that looks the same to every node: in the order of their keys, which are as good as random. A
 * column of slots, because a simulated world holds many.
 *
 * Invariant: the first `#sorted` places ascend by key; each slot stands once.
 */
export class ProbeOrder {
  /** Below 2^32, the same for everybody who knows the host. */
  readonly #keyOf: (slot: number) => number;
  #slots = new Int32Array(16);
  #size = 0;
  #sorted = 0;
  /** Whose place was asked for last, mostly the same one's, and that place; null since somebody joined or left. */
  #asked: { readonly slot: number; readonly place: number } | null = null;

  constructor(keyOf: (slot: number) => number) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#size;
  }

  /** The slot at a place, in no order that means anything. */
  at(place: number): number {
    return this.#slots[place]!;
  }

  /** Makes room for so many more. */
  reserve(slots: number): void {
    if (this.#size + slots <= this.#slots.length) return;
    const wider = new Int32Array(this.#size + slots);
    wider.set(this.#slots);
    this.#slots = wider;
  }

  /** Adds a slot that is not in it. */
  add(slot: number): void {
    if (this.#size === this.#slots.length) this.reserve(this.#size);
    this.#slots[this.#size++] = slot;
    this.#asked = null;
  }

  delete(slot: number): void {
    const place = this.#slots.subarray(0, this.#size).indexOf(slot);
    if (place < 0) return;
    this.#asked = null;
    this.#slots.copyWithin(place, place + 1, this.#size--);
    if (place < this.#sorted) this.#sorted--;
  }

  /** The slot that stands `distance` places after a slot that is not in it; 1 is the next. It must not be empty. */
  after(slot: number, distance: number): number {
    this.#sort();
    if (this.#asked?.slot !== slot) this.#asked = { slot, place: this.#placeOf(this.#rankOf(slot)) };
    return this.#slots[(this.#asked.place + distance - 1) % this.#size]!;
  }

  #rankOf(slot: number): number {
    return this.#keyOf(slot) * maxSlots + slot;
  }

  /** How many of the sorted places come before it. */
  #placeOf(rank: number): number {
    let low = 0;
    let high = this.#sorted;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rankOf(this.#slots[middle]!) < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sort(): void {
    if (this.#size === this.#sorted) return;
    this.#keepAscending();
    if (this.#size - this.#sorted > fewNew) {
      const ranks = Float64Array.from(this.#slots.subarray(0, this.#size), (slot) => this.#rankOf(slot)).sort();
      for (let place = 0; place < ranks.length; place++) this.#slots[place] = ranks[place]! % maxSlots;
      this.#sorted = this.#size;
    }
    while (this.#sorted < this.#size) {
      const slot = this.#slots[this.#sorted]!;
      const place = this.#placeOf(this.#rankOf(slot));
      this.#slots.copyWithin(place + 1, place, this.#sorted++);
      this.#slots[place] = slot;
    }
  }

  /** What came in order stands in order. */
  #keepAscending(): void {
    let last = this.#sorted === 0 ? Number.NEGATIVE_INFINITY : this.#rankOf(this.#slots[this.#sorted - 1]!);
    while (this.#sorted < this.#size) {
      const rank = this.#rankOf(this.#slots[this.#sorted]!);
      if (rank < last) return;
      last = rank;
      this.#sorted++;
    }
  }
}
