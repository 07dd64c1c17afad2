import { secondMs } from '../base/time.ts';

/** Bytes a second of one class of rumors. */
const bytesPerSecond = 2 * 1024;
/** What may be saved up, in seconds of the rate: a short burst goes out at once. */
const burstSeconds = 2;
/** A node that has just started has much to tell: so many times the rate, for so long. */
const startFactor = 4;
const startMs = 30 * secondMs;

/**
 * How many bytes of one class of rumors may leave (a token bucket that may run into debt: what is larger than the burst
 * goes out alone and is paid off, instead of never).
 */
export class RumorBudget {
  readonly #startedMs: number;
  #bytes: number;
  #filledMs: number;

  constructor(nowMs: number) {
    this.#startedMs = this.#filledMs = nowMs;
    this.#bytes = bytesPerSecond * burstSeconds * startFactor;
  }

  /** From when on something may be sent: now, or once the debt is paid off. */
  readyMs(nowMs: number): number {
    this.#fill(nowMs);
    // A little over, so that at that moment it is more than nothing.
    return this.#bytes > 0 ? nowMs : nowMs + 1 - (this.#bytes / this.#rate(nowMs)) * secondMs;
  }

  spend(bytes: number): void {
    this.#bytes -= bytes;
  }

  #rate(nowMs: number): number {
    return bytesPerSecond * (nowMs - this.#startedMs < startMs ? startFactor : 1);
  }

  #fill(nowMs: number): void {
    const rate = this.#rate(nowMs);
    const grown = this.#bytes + ((nowMs - this.#filledMs) / secondMs) * rate;
    this.#bytes = Math.min(rate * burstSeconds, grown);
    this.#filledMs = nowMs;
  }
}
