/**
 * Events in order of virtual time; equal times in the order in which they were put in. A four-ary heap on columns: a
 * simulation of ten thousand nodes spends a tenth of its time here, and the columns keep numbers out of objects.
 */
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
    const order = this.#nextOrder++;
    let hole = this.#events.length;
    this.#put(hole, atMs, order, event);
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      // Whatever is in there came earlier: at equal times it stays in front.
      if (this.#timesMs[parent]! <= atMs) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, atMs, order, event);
  }

  pop(): T | null {
    const first = this.#events[0];
    if (first === undefined) return null;
    const atMs = this.#timesMs.pop()!;
    const order = this.#orders.pop()!;
    const event = this.#events.pop()!;
    const size = this.#events.length;
    if (size === 0) return first;
    let hole = 0;
    for (;;) {
      let least = 4 * hole + 1;
      if (least >= size) break;
      const end = Math.min(least + 4, size);
      for (let child = least + 1; child < end; child++) if (this.#before(child, least)) least = child;
      const leastMs = this.#timesMs[least]!;
      if (atMs < leastMs || (atMs === leastMs && order < this.#orders[least]!)) break;
      this.#move(least, hole);
      hole = least;
    }
    this.#put(hole, atMs, order, event);
    return first;
  }

  #before(left: number, right: number): boolean {
    const leftMs = this.#timesMs[left]!;
    const rightMs = this.#timesMs[right]!;
    return leftMs < rightMs || (leftMs === rightMs && this.#orders[left]! < this.#orders[right]!);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#timesMs[from]!, this.#orders[from]!, this.#events[from]!);
  }

  #put(at: number, atMs: number, order: number, event: T): void {
    this.#timesMs[at] = atMs;
    this.#orders[at] = order;
    this.#events[at] = event;
  }
}
