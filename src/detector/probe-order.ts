import type { Random } from '../base/random.ts';

/**
 * Whom to probe next: everybody once a pass, in an order that each pass draws anew (SWIM section 4.3), so that a member
 * waits at most 2N − 1 periods. The shuffle is drawn step by step (Fisher–Yates), hence no pass begins with a burst of
 * work, and who is added takes part in the pass that runs. A column of slots, because a simulated world holds many.
 *
 * Invariant: slots before the cursor were given in this pass, those from it on were not; each stands once.
 */
export class ProbeOrder {
  #slots = new Int32Array(16);
  #size = 0;
  #cursor = 0;

  get size(): number {
    return this.#size;
  }

  /** The slot at a place, in no order that means anything. */
  at(place: number): number {
    return this.#slots[place]!;
  }

  /** Adds a slot that is not in it. */
  add(slot: number): void {
    if (this.#size === this.#slots.length) {
      const wider = new Int32Array(this.#slots.length * 2);
      wider.set(this.#slots);
      this.#slots = wider;
    }
    this.#slots[this.#size++] = slot;
  }

  delete(slot: number): void {
    let place = this.#slots.subarray(0, this.#size).indexOf(slot);
    if (place < 0) return;
    if (place < this.#cursor) {
      this.#cursor--;
      this.#slots[place] = this.#slots[this.#cursor]!;
      place = this.#cursor;
    }
    this.#slots[place] = this.#slots[--this.#size]!;
  }

  /** The next slot of this pass, or the first of the next one; null when there are none. */
  next(random: Random): number | null {
    if (this.#size === 0) return null;
    if (this.#cursor >= this.#size) this.#cursor = 0;
    const chosen = this.#cursor + random.below(this.#size - this.#cursor);
    const slot = this.#slots[chosen]!;
    this.#slots[chosen] = this.#slots[this.#cursor]!;
    this.#slots[this.#cursor++] = slot;
    return slot;
  }
}
