import { Level } from 'level';
import { tokenOf } from 'murmuring';
import { type Entry, newer, type VersionedValue } from './versioned-value.ts';

/** (left, right], as murmuring gives it: it wraps if left ≥ right, and is the whole ring if they are equal. */
export interface TokenRange {
  readonly left: bigint;
  readonly right: bigint;
}

/**
 * What this node holds, ordered by token, so that a range of the ring is a scan. Merging is last writer wins; it is durable
 * when its promise resolves.
 */
export class ReplicaStore {
  readonly #level: Level<string, VersionedValue>;
  /** Merges read before they write, so each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(level: Level<string, VersionedValue>) {
    this.#level = level;
  }

  static async open(directory: string): Promise<ReplicaStore> {
    const level = new Level<string, VersionedValue>(directory, { valueEncoding: 'json' });
    await level.open();
    return new ReplicaStore(level);
  }

  async get(key: string): Promise<VersionedValue | null> {
    return (await this.#level.get(levelKey(key))) ?? null;
  }

  /** Keeps the newer of each entry and what is there. */
  merge(entries: readonly Entry[]): Promise<void> {
    const merged = this.#last.then(() => this.#merge(entries));
    this.#last = merged.catch(() => {});
    return merged;
  }

  /** All entries of a range, in order of their tokens. What is merged meanwhile may be seen or not. */
  async *scan({ left, right }: TokenRange): AsyncGenerator<Entry> {
    const bounds =
      left < right ? [{ gte: after(left), lt: after(right) }] : [{ gte: after(left) }, { lt: after(right) }];
    for (const bound of bounds) {
      for await (const [levelKey, version] of this.#level.iterator(bound)) yield { key: levelKey.slice(17), version };
    }
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#level.close();
  }

  async #merge(entries: readonly Entry[]): Promise<void> {
    const keys = entries.map(({ key }) => levelKey(key));
    const held = await this.#level.getMany(keys);
    const puts = entries.flatMap(({ version }, index) => {
      const value = newer(held[index] ?? null, version)!;
      return value === held[index] ? [] : [{ type: 'put' as const, key: keys[index]!, value }];
    });
    if (puts.length > 0) await this.#level.batch(puts, { sync: true });
  }
}

/** The token as 16 hexadecimal digits that sort as tokens do, a slash, the key. */
const levelKey = (key: string): string => `${sortable(tokenOf(key))}/${key}`;

/** Sorts behind every key of the token, before those of the next: 0 is the character after the slash. */
const after = (token: bigint): string => `${sortable(token)}0`;

const sortable = (token: bigint): string => (token + 2n ** 63n).toString(16).padStart(16, '0');
