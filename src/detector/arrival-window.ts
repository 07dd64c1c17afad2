import { InvariantViolation } from '../base/error.ts';

export interface ArrivalWindowOptions {
  /** How many intervals count. */
  readonly size: number;
  /** Stands in for the interval before the first arrival; high, so that a new peer does not flap. */
  readonly firstIntervalMs: number;
  /** A longer interval is dropped, not clipped: it is the silence that was judged, not a rhythm. Bounds the mean. */
  readonly maxIntervalMs: number;
}

/** The clock's grain: heartbeats that all came at one instant must not make any silence infinite. */
const minMeanMs = 1;

/**
 * The rhythm of one peer's heartbeats (Cassandra's ArrivalWindow, after Hayashibara et al., "The φ accrual failure
 * detector"), in constant space: last arrival, sum and count. Once the window is full each interval pushes out the
 * mean instead of the oldest; only the artificial first interval is pushed out as itself.
 *
 * Invariants: 0 < count ≤ size after the first arrival; mean ≤ max(firstIntervalMs, maxIntervalMs).
 */
export class ArrivalWindow {
  readonly #options: ArrivalWindowOptions;
  #lastMs: number | null = null;
  #sumMs = 0;
  #count = 0;
  #holdsFirst = false;

  constructor(options: ArrivalWindowOptions) {
    if (options.size < 2) throw new InvariantViolation(`an arrival window of ${options.size}, expected at least 2`);
    this.#options = options;
  }

  /** The last arrival, on the monotonic clock; null before the first. */
  get lastMs(): number | null {
    return this.#lastMs;
  }

  /** Mean interval in ms; null before the first arrival. */
  get meanMs(): number | null {
    return this.#count === 0 ? null : this.#sumMs / this.#count;
  }

  /** A heartbeat arrived. */
  add(nowMs: number): void {
    const last = this.#lastMs;
    this.#lastMs = nowMs;
    if (last === null) {
      this.#holdsFirst = true;
      this.#push(this.#options.firstIntervalMs);
    } else if (nowMs - last <= this.#options.maxIntervalMs) {
      this.#push(nowMs - last);
    }
  }

  /** The peer proved alive without a heartbeat: silence counts from now, the rhythm is unchanged. */
  touch(nowMs: number): void {
    if (this.#lastMs === null) this.add(nowMs);
    else this.#lastMs = nowMs;
  }

  /** Forgets everything: the rhythm was of a process that is gone. */
  clear(): void {
    this.#lastMs = null;
    this.#sumMs = this.#count = 0;
  }

  /** Silence as a multiple of the mean interval; null before the first arrival. Cassandra's raw phi. */
  rawPhi(nowMs: number): number | null {
    const mean = this.meanMs;
    return mean === null ? null : (nowMs - this.#lastMs!) / Math.max(mean, minMeanMs);
  }

  /**
   * −log10 of the chance of so long a silence from a living peer, if intervals are exponential:
   * elapsed / (mean · ln 10). Null before the first arrival.
   */
  phi(nowMs: number): number | null {
    const raw = this.rawPhi(nowMs);
    return raw === null ? null : raw / Math.LN10;
  }

  #push(intervalMs: number): void {
    if (this.#count === this.#options.size) {
      this.#sumMs -= this.#holdsFirst ? this.#options.firstIntervalMs : this.#sumMs / this.#count;
      this.#holdsFirst = false;
    } else {
      this.#count++;
    }
    this.#sumMs += intervalMs;
  }
}
