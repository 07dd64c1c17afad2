/** So many answers are kept at most: in a cluster of no more hosts the last one of each. */
const maxAnswers = 4_096;
const nobody = -1;

/** An answer to a probe: when it came, on the monotonic clock, and its round trip. */
export interface Answer {
  readonly atMs: number;
  readonly roundTripMs: number;
}

/**
 * The newest answers of all hosts, in the order in which they came. Columns that grow with what is in them: a simulated
 * world holds as many of these as nodes, and each probe adds to one, while hardly anybody ever asks.
 */
export class AnswerLog {
  #slots = new Int32Array(16);
  #atMs = new Float64Array(16);
  #roundTripsMs = new Float32Array(16);
  #added = 0;

  add(slot: number, atMs: number, roundTripMs: number): void {
    if (this.#added === this.#slots.length && this.#added < maxAnswers) this.#widen();
    const at = this.#added++ % this.#slots.length;
    this.#slots[at] = slot;
    this.#atMs[at] = atMs;
    this.#roundTripsMs[at] = roundTripMs;
  }

  /** The last answer of a host; null if none of the kept ones is its. */
  last(slot: number): Answer | null {
    const { length } = this.#slots;
    for (let back = 1; back <= Math.min(this.#added, length); back++) {
      const at = (this.#added - back) % length;
      if (this.#slots[at] === slot) return { atMs: this.#atMs[at]!, roundTripMs: this.#roundTripsMs[at]! };
    }
    return null;
  }

  forget(slot: number): void {
    for (let at = 0; at < this.#slots.length; at++) if (this.#slots[at] === slot) this.#slots[at] = nobody;
  }

  #widen(): void {
    const length = 2 * this.#slots.length;
    const slots = new Int32Array(length);
    const atMs = new Float64Array(length);
    const roundTripsMs = new Float32Array(length);
    slots.set(this.#slots);
    atMs.set(this.#atMs);
    roundTripsMs.set(this.#roundTripsMs);
    this.#slots = slots;
    this.#atMs = atMs;
    this.#roundTripsMs = roundTripsMs;
  }
}
