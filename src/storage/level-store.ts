import { type BatchOperation, Level } from 'level';
import { RingError } from '../base/error.ts';
import type { StoredIdentity, StoredState, StoreRecord } from '../node/store-record.ts';
import { type LevelParts, levelParts, type StoreLevel } from './level-parts.ts';
import { NewestRecords } from './newest-records.ts';
import { encodeRecord } from './record-codec.ts';
import type { Store } from './store.ts';
import { checkTables, prepareDirectory, readWitness, type StoreWitness, writeWitness } from './store-directory.ts';
import { settleFormat } from './store-format.ts';
import { firstRingRecordKey, ringRecordKey, storeKeyOf } from './store-key.ts';
import { readStore } from './store-reader.ts';
import { refusalOfOpening, refusalOfWriting, storeDamaged } from './store-refusal.ts';

export interface LevelStoreOptions {
  /** The cluster that the node is configured for: the store of another one is refused. */
  readonly clusterName: string;
  /** Told of what was found and put right at the start. */
  readonly warn?: (message: string) => void;
  /** Told of a write that the disk refused, though nobody may wait for it: the node has to stop. */
  readonly failed?: (error: RingError) => void;
  /** How long a save may wait for others to be written with it. Below a second less the time of a write. */
  readonly saveDelayMs?: number;
}

interface Waiter {
  resolve(): void;
  reject(error: RingError): void;
}

type WriteOperation = BatchOperation<StoreLevel, string, Uint8Array>;

/**
 * The store on LevelDB. All that waits is written as one synced batch, so commits that come together share one sync. After
 * a SIGKILL LevelDB recovers from its log: what was acknowledged is there.
 */
export class LevelStore implements Store {
  readonly #directory: string;
  readonly #db: StoreLevel;
  readonly #parts: LevelParts;
  readonly #saveDelayMs: number;
  readonly #failed: (error: RingError) => void;
  readonly #pending = new NewestRecords();
  #witness: StoreWitness | null;
  /** What `open` read, until something is written or `load` takes it. */
  #opened: StoredState | null;
  #waiters: Waiter[] = [];
  #saveTimer: NodeJS.Timeout | null = null;
  #writing = false;
  #failure: RingError | null = null;
  #closing: Promise<void> | null = null;

  /**
   * Opens the store in this directory, which is made if it does not exist, and checks all of it. Throws RingError
   * STORE_IN_USE, STORE_DAMAGED, STORE_OF_OTHER_CLUSTER, STORE_FORMAT, UNAVAILABLE, or INVALID_CONFIG for a directory that cannot be
   * used. A damaged record of a peer is set aside with a warning.
   */
  static async open(directory: string, options: LevelStoreOptions): Promise<LevelStore> {
    let db: StoreLevel | null = null;
    try {
      const tables = await prepareDirectory(directory);
      // Small values, and `checkTables` reads them: not compressed.
      db = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view', compression: false });
      await db.open();
      await checkTables(directory, tables);
      return await openChecked(directory, db, options);
    } catch (error) {
      await db?.close();
      throw refusalOfOpening(directory, error);
    }
  }

  /** Use `open`. */
  constructor(opened: {
    readonly directory: string;
    readonly db: StoreLevel;
    readonly parts: LevelParts;
    readonly state: StoredState;
    readonly witness: StoreWitness | null;
    readonly saveDelayMs: number;
    readonly failed: (error: RingError) => void;
  }) {
    this.#directory = opened.directory;
    this.#db = opened.db;
    this.#parts = opened.parts;
    this.#opened = opened.state;
    this.#witness = opened.witness;
    this.#saveDelayMs = opened.saveDelayMs;
    this.#failed = opened.failed;
  }

  async load(): Promise<StoredState> {
    const opened = this.#opened;
    this.#opened = null;
    if (opened !== null) return opened;
    await this.flush();
    return (await readStore(this.#directory, this.#parts)).state;
  }

  save(record: StoreRecord): void {
    if (this.#closing !== null) return;
    this.#opened = null;
    this.#pending.add(record);
    this.#saveTimer ??= setTimeout(() => void this.#write(), this.#saveDelayMs);
  }

  commit(batch: readonly StoreRecord[]): Promise<void> {
    if (this.#closing !== null) return Promise.reject(new RingError('STOPPED', 'the store is closed'));
    this.#opened = null;
    for (const record of batch) this.#pending.add(record);
    return this.#written();
  }

  flush(): Promise<void> {
    return this.#closing ?? this.#written();
  }

  close(): Promise<void> {
    this.#closing ??= this.#written().finally(() => this.#db.close());
    return this.#closing;
  }

  /** Resolves when all that waits now is on disk. */
  #written(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#pending.size > 0 || this.#waiters.length > 0) {
      if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
      this.#saveTimer = null;
      const waiters = this.#waiters.splice(0);
      const records = this.#pending.take();
      try {
        if (this.#failure === null && records.length > 0) await this.#writeBatch(records);
      } catch (error) {
        this.#failure = refusalOfWriting(this.#directory, error);
        this.#failed(this.#failure);
      }
      for (const waiter of waiters) this.#failure === null ? waiter.resolve() : waiter.reject(this.#failure);
    }
    this.#writing = false;
  }

  async #writeBatch(records: readonly StoreRecord[]): Promise<void> {
    const operations: WriteOperation[] = [];
    for (const record of records) {
      const { part, key } = storeKeyOf(record);
      const sublevel = this.#parts[part];
      if (record.kind === 'ringForgotten') operations.unshift(...(await this.#ringHeld({})));
      else if (record.kind === 'forgetPeer') operations.push({ type: 'del', key, sublevel });
      else operations.push({ type: 'put', key, value: encodeRecord(record), sublevel });
      if (record.kind !== 'ringSnapshot') continue;
      const replaced = { gte: firstRingRecordKey, lte: ringRecordKey(record.snapshot.epoch) };
      operations.unshift(...(await this.#ringHeld(replaced)));
    }
    await this.#db.batch(operations, { sync: true });
    const identity = records.find((record) => record.kind === 'identity')?.identity;
    if (identity !== undefined) this.#witness = await keepWitness(this.#directory, this.#witness, identity);
  }

  /** Deletions of what is stored of the ring's history, by key. They come first: what the same batch writes stays. */
  async #ringHeld(range: { readonly gte?: string; readonly lte?: string }): Promise<WriteOperation[]> {
    const sublevel = this.#parts.records;
    const keys = await sublevel.keys(range).all();
    return keys.map((key) => ({ type: 'del', key, sublevel }));
  }
}

async function openChecked(directory: string, db: StoreLevel, options: LevelStoreOptions): Promise<LevelStore> {
  const { clusterName, warn = () => {}, failed = () => {}, saveDelayMs = 500 } = options;
  const parts = levelParts(db);
  await settleFormat(directory, db, parts);
  const { state, damagedPeers } = await readStore(directory, parts);
  const witness = await readWitness(directory);
  checkWitness(directory, witness, state.identity);
  if (state.identity !== null && state.identity.clusterName !== clusterName) {
    throw new RingError(
      'STORE_OF_OTHER_CLUSTER',
      `the store in ${directory} belongs to cluster ${state.identity.clusterName}, expected ${clusterName}`,
      { hint: 'correct the cluster name, or give the node a data directory of its own', details: { directory } },
    );
  }
  for (const { key, bytes, reason } of damagedPeers) {
    const setAside: WriteOperation[] = [
      { type: 'put', key: `peers/${key}`, value: bytes, sublevel: parts.damaged },
      { type: 'del', key, sublevel: parts.peers },
    ];
    await db.batch(setAside, { sync: true });
    warn(`the remembered peer ${key} in ${directory} was damaged (${reason}): set aside, gossip will tell of it again`);
  }
  const known = witness === 'unreadable' ? null : witness;
  const kept = state.identity === null ? null : await keepWitness(directory, known, state.identity);
  return new LevelStore({ directory, db, parts, state, witness: kept, saveDelayMs, failed });
}

/** Compares what the directory once held with what it holds now. Throws RingError STORE_DAMAGED. */
function checkWitness(
  directory: string,
  witness: StoreWitness | 'unreadable' | null,
  identity: StoredIdentity | null,
): void {
  if (witness === null) return;
  if (identity === null) {
    const whose = witness === 'unreadable' ? 'a node' : `node ${witness.hostId} of cluster ${witness.clusterName}`;
    throw storeDamaged(directory, `it held ${whose} and holds no identity now`);
  }
  if (witness === 'unreadable') return;
  const { hostId, clusterId } = witness;
  if (identity.hostId !== hostId) {
    const mixed = `IDENTITY.json is of node ${hostId}, the database of node ${identity.hostId}`;
    throw storeDamaged(directory, `${mixed}: the files of two nodes are mixed`);
  }
  // A log that was cut short looks like a clean one: only the witness knows that more was there.
  if (clusterId !== null && identity.clusterId !== clusterId) {
    throw storeDamaged(directory, `it held the ring of cluster id ${clusterId} and does not any more`);
  }
}

async function keepWitness(
  directory: string,
  witness: StoreWitness | null,
  identity: StoredIdentity,
): Promise<StoreWitness> {
  const { hostId, clusterName, clusterId } = identity;
  const same = witness?.hostId === hostId && witness.clusterName === clusterName && witness.clusterId === clusterId;
  if (same) return witness;
  const kept = { hostId, clusterName, clusterId };
  await writeWitness(directory, kept);
  return kept;
}
