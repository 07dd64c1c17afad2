/** So many answers are kept at most: where no more hosts are probed in turn, the last one of each. */
const maxAnswers = 4_096;
const nobody = -1;
/** Numbers of an answer: slot, time, round trip. */
const width = 3;

/** An answer to a probe: when it came, on the monotonic clock, and its round trip. */
export interface Answer {
  readonly atMs: number;
  readonly roundTripMs: number;
}

/**
 * The newest answers of all hosts, in the order in which they came. One column that grows with what is in it: a
 * simulated world holds as many of these as nodes, and each probe adds to one, while hardly anybody ever asks.
 */
export class AnswerLog {
  #answers = new Float64Array(16 * width);
  #added = 0;

  add(slot: number, atMs: number, roundTripMs: number): void {
    if (this.#added === this.#capacity && this.#added < maxAnswers) this.#widen();
    const at = (this.#added++ % this.#capacity) * width;
    this.#answers[at] = slot;
    this.#answers[at + 1] = atMs;
    this.#answers[at + 2] = roundTripMs;
  }

  /** The last answer of a host; null if none of the kept ones is its. */
  last(slot: number): Answer | null {
    for (let back = 1; back <= Math.min(this.#added, this.#capacity); back++) {
      const at = ((this.#added - back) % this.#capacity) * width;
      if (this.#answers[at] === slot) return { atMs: this.#answers[at + 1]!, roundTripMs: this.#answers[at + 2]! };
    }
    return null;
  }

  forget(slot: number): void {
    for (let at = 0; at < this.#answers.length; at += width) if (this.#answers[at] === slot) this.#answers[at] = nobody;
  }

  get #capacity(): number {
    return this.#answers.length / width;
  }

  #widen(): void {
    const wider = new Float64Array(2 * this.#answers.length);
    wider.set(this.#answers);
    this.#answers = wider;
  }
}
