/** Events in order of virtual time; equal times in the order in which they were put in. A binary heap on columns. */
export class EventQueue<T> {
  readonly #timesMs: number[] = [];
  readonly #orders: number[] = [];
  readonly #events: T[] = [];
  #nextOrder = 0;

  get size(): number {
    return this.#events.length;
  }

  /** Time of the earliest event, or null when none is left. */
  get nextMs(): number | null {
    return this.#timesMs[0] ?? null;
  }

  push(atMs: number, event: T): void {
    let at = this.#events.length;
    this.#timesMs.push(atMs);
    this.#orders.push(this.#nextOrder++);
    this.#events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | null {
    if (this.#events.length === 0) return null;
    const last = this.#events.length - 1;
    this.#swap(0, last);
    this.#timesMs.pop();
    this.#orders.pop();
    const event = this.#events.pop()!;
    let at = 0;
    for (;;) {
      let least = at;
      const left = 2 * at + 1;
      if (left < last && this.#before(left, least)) least = left;
      if (left + 1 < last && this.#before(left + 1, least)) least = left + 1;
      if (least === at) return event;
      this.#swap(at, least);
      at = least;
    }
  }

  #before(left: number, right: number): boolean {
    const difference = this.#timesMs[left]! - this.#timesMs[right]!;
    return difference !== 0 ? difference < 0 : this.#orders[left]! < this.#orders[right]!;
  }

  #swap(left: number, right: number): void {
    for (const column of [this.#timesMs, this.#orders, this.#events] as unknown[][]) {
      const held = column[left];
      column[left] = column[right];
      column[right] = held;
    }
  }
}
