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

  /** Whether anything may be sent now. */
  allows(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#bytes > 0;
  }

  spend(bytes: number): void {
    this.#bytes -= bytes;
  }

  #fill(nowMs: number): void {
    const factor = nowMs - this.#startedMs < startMs ? startFactor : 1;
    const rate = bytesPerSecond * factor;
    const grown = this.#bytes + ((nowMs - this.#filledMs) / secondMs) * rate;
    this.#bytes = Math.min(rate * burstSeconds, grown);
    this.#filledMs = nowMs;
  }
}
