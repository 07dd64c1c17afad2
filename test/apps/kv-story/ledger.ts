/** An acknowledged write that a later quorum read did not see. */
export interface Miss {
  readonly key: string;
  readonly acknowledgedUs: number;
  /** What was read; null: nothing. */
  readonly readUs: number | null;
  /** When in the story the read was, in ms. */
  readonly atMs: number;
}

/** Every acknowledged write: what must be found again. A key is written by one writer, in order. */
export class Ledger {
  readonly #acknowledged = new Map<string, number>();
  /** Keys in the order of their first acknowledgement. */
  readonly #keys: string[] = [];
  writes = 0;
  refused = 0;
  reads = 0;
  readonly misses: Miss[] = [];

  get keys(): readonly string[] {
    return this.#keys;
  }

  acknowledged(key: string, timestampUs: number): void {
    this.writes++;
    const before = this.#acknowledged.get(key);
    if (before === undefined) this.#keys.push(key);
    this.#acknowledged.set(key, Math.max(before ?? 0, timestampUs));
  }

  /** The newest acknowledged write of a key: ask before a read begins, for what is acknowledged meanwhile may be missed. */
  newest(key: string): number {
    return this.#acknowledged.get(key) ?? 0;
  }

  /** A quorum read that began after `acknowledgedUs` was acknowledged. A newer value, acknowledged or not, is no miss. */
  judge(key: string, acknowledgedUs: number, readUs: number | null, atMs: number): boolean {
    this.reads++;
    if (readUs !== null && readUs >= acknowledgedUs) return true;
    this.misses.push({ key, acknowledgedUs, readUs, atMs });
    return false;
  }
}
