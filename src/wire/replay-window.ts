/** How far behind its newest counter a sender's frame may arrive. */
export const replayWindowCounters = 4_096;

/**
 * The counters of one sender that were seen, as IPsec keeps them (RFC 6479): one bit for each of the last 4,096, in a
 * ring of words. Only counters of authenticated frames may be given to it.
 */
export class ReplayWindow {
  readonly #seen = new Uint32Array(replayWindowCounters / 32);
  #newest = 0;

  /** True, and noted, if the counter is new; false if it was seen or is too old to tell. */
  accept(counter: number): boolean {
    if (counter > this.#newest) {
      this.#clear(this.#newest + 1, counter);
      this.#newest = counter;
    } else if (counter <= this.#newest - replayWindowCounters) {
      return false;
    }
    const bit = counter % replayWindowCounters;
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    if ((this.#seen[word]! & mask) !== 0) return false;
    this.#seen[word]! |= mask;
    return true;
  }

  /** Forgets what stood in the places of the counters from `first` to `last`. */
  #clear(first: number, last: number): void {
    if (last - first >= replayWindowCounters) {
      this.#seen.fill(0);
      return;
    }
    for (let counter = first; counter <= last; counter++) {
      const bit = counter % replayWindowCounters;
      this.#seen[bit >>> 5]! &= ~(1 << (bit & 31));
    }
  }
}
