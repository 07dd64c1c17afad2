import type { StoredState, StoreRecord } from '../node/store-record.ts';

/**
 * Where a node keeps what must survive it. One owner at a time. Records are kept newest of each kind and key.
 *
 * Order: everything is written in the order in which it was given; a commit carries all saves before it with it, so it
 * never overtakes one. After a write failed nothing more is written, and every later `commit`, `flush` and `close` rejects
 * with that same error: the node has to stop.
 */
export interface Store {
  /** All that was saved and committed. Rejects with RingError STORE_DAMAGED if it cannot be trusted. */
  load(): Promise<StoredState>;
  /** Write-behind: on disk within a second, coalesced by key; a crash may lose it. Ignored after `close`. */
  save(record: StoreRecord): void;
  /**
   * Writes the batch and syncs it to disk, all of it or nothing. Commits are acknowledged in their order. Rejects with
   * RingError STOPPED after `close`, UNAVAILABLE if the disk refuses.
   */
  commit(batch: readonly StoreRecord[]): Promise<void>;
  /** Writes what was saved so far. */
  flush(): Promise<void>;
  /** Flushes and lets the store go. Safe to call twice. */
  close(): Promise<void>;
}
