/** Gains and factor of RFC 6298. */
const meanGain = 1 / 8;
const deviationGain = 1 / 4;
const deviations = 4;

/**
 * The adaptive probe timeout: mean + 4 · mean deviation of measured round trips, as TCP's retransmission timer computes
 * it (RFC 6298 section 2), between bounds. One estimate for all peers: probes go to each in turn, so a far datacenter
 * widens the deviation for all.
 */
export class RoundTrip {
  readonly #minMs: number;
  readonly #maxMs: number;
  #meanMs: number | null = null;
  #deviationMs = 0;

  constructor(minMs: number, maxMs: number) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
  }

  /** A direct ack came after so long. */
  sample(ms: number): void {
    if (this.#meanMs === null) {
      this.#meanMs = ms;
      this.#deviationMs = ms / 2;
      return;
    }
    this.#deviationMs += deviationGain * (Math.abs(ms - this.#meanMs) - this.#deviationMs);
    this.#meanMs += meanGain * (ms - this.#meanMs);
  }

  /** How long to wait for a direct ack. The upper bound before the first sample: a far network is not a dead one. */
  get timeoutMs(): number {
    if (this.#meanMs === null) return this.#maxMs;
    return Math.min(this.#maxMs, Math.max(this.#minMs, this.#meanMs + deviations * this.#deviationMs));
  }
}
