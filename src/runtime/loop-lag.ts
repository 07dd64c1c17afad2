/** What is long ago counts by half after this. */
const halfLifeMs = 5_000;
/** Beyond it a node is overloaded, and below the lower one it is so no more: between them nothing changes. */
const overloadedLagMs = 200;
const easedLagMs = 50;
/** One stall of half a minute is over when it is over: without a bound the mean would remember it for as long again. */
const maxMeanMs = 2 * overloadedLagMs;

/**
 * Tells from how late the event loop runs whether this process is overloaded: what it was asked for waits that long before
 * anybody looks at it. A mean over some seconds, so that one slow step is no overload.
 */
export class LoopLag {
  #meanMs = 0;
  #overloaded = false;

  get overloaded(): boolean {
    return this.#overloaded;
  }

  /** The loop was `lagMs` late, `afterMs` after the sample before. Answers whether that turns the verdict. */
  sample(lagMs: number, afterMs: number): boolean {
    const kept = 0.5 ** (afterMs / halfLifeMs);
    this.#meanMs = Math.min(maxMeanMs, this.#meanMs * kept + Math.max(0, lagMs) * (1 - kept));
    const before = this.#overloaded;
    if (this.#meanMs >= overloadedLagMs) this.#overloaded = true;
    else if (this.#meanMs < easedLagMs) this.#overloaded = false;
    return this.#overloaded !== before;
  }
}
