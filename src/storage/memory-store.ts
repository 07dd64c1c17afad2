import { RingError } from '../base/error.ts';
import type { StoredState, StoreRecord } from '../node/store-record.ts';
import { NewestRecords } from './newest-records.ts';
import type { Store } from './store.ts';
import { StoredStateBuilder } from './stored-state-builder.ts';

/**
 * The store's twin in memory, for tests: the same promises, and `crash` in place of a SIGKILL. Saves are written by the
 * next commit, flush or close, never by a clock.
 */
export class MemoryStore implements Store {
  readonly #disk: StoredStateBuilder;
  readonly #pending = new NewestRecords();
  /** Commits of an earlier life are lost. */
  #life = 0;
  #closed = false;

  constructor(disk: StoredStateBuilder = new StoredStateBuilder()) {
    this.#disk = disk;
  }

  async load(): Promise<StoredState> {
    await this.flush();
    return this.#disk.state();
  }

  save(record: StoreRecord): void {
    if (!this.#closed) this.#pending.add(record);
  }

  async commit(batch: readonly StoreRecord[]): Promise<void> {
    if (this.#closed) throw new RingError('STOPPED', 'the store is closed');
    const life = this.#life;
    for (const record of batch) this.#pending.add(record);
    // As on a disk, nothing is durable within the step that asks for it.
    await Promise.resolve();
    if (life !== this.#life) throw new RingError('STOPPED', 'the store crashed before the commit was durable');
    this.#write();
  }

  async flush(): Promise<void> {
    if (!this.#closed) await this.commit([]);
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#write();
    this.#closed = true;
  }

  /** Loses what was saved but not written and what was not acknowledged yet. */
  crash(): void {
    this.#life++;
    this.#pending.take();
  }

  /** The same disk, opened again after `close` or `crash`. */
  reopened(): MemoryStore {
    this.#closed = true;
    return new MemoryStore(this.#disk);
  }

  #write(): void {
    for (const record of this.#pending.take()) this.#disk.apply(record);
  }
}
