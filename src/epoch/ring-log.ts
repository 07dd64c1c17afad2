import { chainHash } from './chain-hash.ts';
import type { HistoryPosition } from './epoch-message.ts';
import { foldRecord, isRefusal, type RecordRefusal } from './fold-record.ts';
import { type RingRecord, zeroChainHash } from './ring-record.ts';
import type { RingSnapshot } from './ring-snapshot.ts';
import { type RingState, snapshotOf, stateOfSnapshot } from './ring-state.ts';

/** The position before every history. Its lineage is the zero UUID: there is none yet. */
export const emptyPosition: HistoryPosition = {
  epoch: 0,
  chainHash: zeroChainHash,
  lineage: '00000000-0000-0000-0000-000000000000',
};

/** How another history stands to this one, judged by one position of it. */
export type Comparison =
  /** At the same record. */
  | 'level'
  /** The other is at an earlier record of this history. */
  | 'behind'
  /** The other has more records than this one; whether it is the same history, only it can tell. */
  | 'ahead'
  /** Earlier than the records that are kept: it cannot be told any more. */
  | 'beyondRecall'
  /** Another record at the same epoch. */
  | 'fork';

/**
 * One node's history: the fold of a prefix, and the records after it. Keeps the last `keptRecords` of them; an older one
 * is folded into the prefix. Invariant: state = fold(prefix, records).
 */
export class RingLog {
  readonly #keptRecords: number;
  #prefix: RingState | null = null;
  #records: RingRecord[] = [];
  #state: RingState | null = null;
  #prefixGrew = false;

  constructor(keptRecords = 1_000) {
    this.#keptRecords = keptRecords;
  }

  get state(): RingState | null {
    return this.#state;
  }

  get position(): HistoryPosition {
    return this.#state === null ? emptyPosition : positionOf(this.#state);
  }

  /** The fold of all before the first record that is kept; null while that is the first of all. */
  get snapshot(): RingSnapshot | null {
    return this.#prefix === null ? null : snapshotOf(this.#prefix);
  }

  /** The records that are kept, ascending, without gaps; a copy. */
  get records(): RingRecord[] {
    return [...this.#records];
  }

  /** Epoch of the prefix: 0 while every record is kept. */
  get prefixEpoch(): number {
    return this.#prefix?.epoch ?? 0;
  }

  /** Adds the next record. A refusal changes nothing. */
  append(record: RingRecord): RecordRefusal | null {
    const next = foldRecord(this.#state, record);
    if (isRefusal(next)) return next;
    this.#state = next;
    this.#records.push(record);
    this.#prefixGrew = this.#records.length > this.#keptRecords;
    if (this.#prefixGrew) {
      this.#prefix = foldRecord(this.#prefix, this.#records.shift()!) as RingState;
    }
    return null;
  }

  /** After an append: the prefix, if it has grown by as many records as are kept, and is worth storing in their place. */
  get snapshotDue(): RingSnapshot | null {
    return this.#prefixGrew && this.prefixEpoch % this.#keptRecords === 0 ? this.snapshot : null;
  }

  /** Fills an empty log, wholly or not at all. `fold` spares folding the snapshot anew. Returns what is wrong, or null. */
  fill(snapshot: RingSnapshot | null, records: readonly RingRecord[], fold: RingState | null = null): string | null {
    const prefix = fold ?? (snapshot === null ? null : stateOfSnapshot(snapshot));
    if (snapshot !== null && prefix === null) return `the snapshot of epoch ${snapshot.epoch} is unsound`;
    if (prefix !== null) this.reset(prefix);
    for (const record of records) {
      const refusal = this.append(record);
      if (refusal === null) continue;
      this.#prefix = this.#state = null;
      this.#records = [];
      return refusal.reason;
    }
    return null;
  }

  /** Starts over from the fold of a longer history. */
  reset(prefix: RingState): void {
    this.#prefix = this.#state = prefix;
    this.#records = [];
  }

  /** Takes the place of this history. */
  replaceBy(other: RingLog): void {
    this.#prefix = other.#prefix;
    this.#records = other.#records;
    this.#state = other.#state;
  }

  /** Where this history was at an epoch; null for one to come, or earlier than what is kept. */
  positionAt(epoch: number): HistoryPosition | null {
    const prefixEpoch = this.prefixEpoch;
    if (epoch === prefixEpoch) return this.#prefix === null ? emptyPosition : positionOf(this.#prefix);
    if (epoch === this.#state?.epoch) return positionOf(this.#state);
    const record = this.#records[epoch - prefixEpoch - 1];
    const next = this.#records[epoch - prefixEpoch];
    if (record === undefined) return null;
    return { epoch, chainHash: next?.previous ?? chainHash(record), lineage: record.lineage };
  }

  compare(other: Pick<HistoryPosition, 'epoch' | 'chainHash'>): Comparison {
    const { epoch } = this.position;
    if (other.epoch > epoch) return 'ahead';
    const mine = this.positionAt(other.epoch);
    if (mine === null) return 'beyondRecall';
    if (mine.chainHash !== other.chainHash) return 'fork';
    return other.epoch === epoch ? 'level' : 'behind';
  }

  /** The records after a position of this history; null if it is none of it, or the first of them is not kept any more. */
  recordsAfter(position: Pick<HistoryPosition, 'epoch' | 'chainHash'>): RingRecord[] | null {
    const comparison = this.compare(position);
    if (comparison !== 'behind' && comparison !== 'level') return null;
    return this.#records.slice(position.epoch - this.prefixEpoch);
  }
}

function positionOf({ epoch, chainHash, lineage }: RingState): HistoryPosition {
  return { epoch, chainHash, lineage };
}
