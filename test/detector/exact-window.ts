/** The slow, obvious twin of `ArrivalWindow`: it keeps every interval, as Cassandra's ring buffer does. */
export class ExactWindow {
  readonly #intervalsMs: number[] = [];
  readonly #size: number;
  readonly #firstIntervalMs: number;
  readonly #maxIntervalMs: number;
  #lastMs: number | null = null;

  constructor({
    size,
    firstIntervalMs,
    maxIntervalMs,
  }: { size: number; firstIntervalMs: number; maxIntervalMs: number }) {
    this.#size = size;
    this.#firstIntervalMs = firstIntervalMs;
    this.#maxIntervalMs = maxIntervalMs;
  }

  add(nowMs: number): void {
    const intervalMs = this.#lastMs === null ? this.#firstIntervalMs : nowMs - this.#lastMs;
    if (this.#lastMs === null || intervalMs <= this.#maxIntervalMs) this.#intervalsMs.push(intervalMs);
    if (this.#intervalsMs.length > this.#size) this.#intervalsMs.shift();
    this.#lastMs = nowMs;
  }

  get meanMs(): number {
    return this.#intervalsMs.reduce((sum, each) => sum + each, 0) / this.#intervalsMs.length;
  }

  phi(nowMs: number): number {
    return (nowMs - this.#lastMs!) / this.meanMs / Math.LN10;
  }
}
