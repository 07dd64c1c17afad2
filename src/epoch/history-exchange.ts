import type { HostId } from '../base/id.ts';
import type { RememberedVoter } from './acceptor-state.ts';
import { chainHash } from './chain-hash.ts';
import type { EpochContext } from './epoch-context.ts';
import type { Fork } from './epoch-effects.ts';
import type { HistoryPosition, Records, RecordsRequest } from './epoch-message.ts';
import { foldRecord, isRefusal } from './fold-record.ts';
import type { RingRecord } from './ring-record.ts';
import { type RingState, stateOfSnapshot } from './ring-state.ts';

/** An answer is cut into messages of about this size, so that a long history blocks no stream. */
const maxMessageBytes = 32 * 1024;

export interface HistoryPort {
  /** Puts a decided record in force; what is wrong with it, or null. */
  apply(record: RingRecord): string | null;
  /** Starts over from the fold of a longer history. */
  reset(state: RingState): void;
  votes(): RememberedVoter[];
  remember(from: HostId, vote: RememberedVoter): void;
}

/**
 * Brings histories to the same length, and finds out where they differ. Whoever meets a longer one asks for what follows
 * its own position; whoever meets a shorter one sends that. Records that arrive are judged by the fold and the chain
 * hash, whoever sends them. Two records for one epoch are a fork: shown, never merged, and each keeps its own.
 */
export class HistoryExchange {
  readonly #context: EpochContext;
  readonly #port: HistoryPort;
  #fork: Fork | null = null;

  constructor(context: EpochContext, port: HistoryPort) {
    this.#context = context;
    this.#port = port;
  }

  get fork(): Fork | null {
    return this.#fork;
  }

  /** Another node stands at a position: send it what it lacks, ask for what is lacking here, or both see the fork. */
  met(from: HostId, at: HistoryPosition): void {
    const { log } = this.#context;
    switch (log.compare(at)) {
      case 'level':
        return;
      case 'ahead':
        return this.request(from);
      case 'behind':
        return this.#send(from, at, log.recordsAfter(at)!, false);
      case 'beyondRecall':
        return this.#send(from, log.positionAt(log.prefixEpoch)!, log.records, true);
      case 'fork':
        this.differs(from, at);
        return this.#showMine(from, at.epoch);
    }
  }

  /** Asks for what follows the last record. */
  request(from: HostId): void {
    const request: RecordsRequest = { kind: 'recordsRequest', at: this.#context.log.position };
    this.#context.effects.send(from, request);
  }

  /** Sends one record that has just been decided on top of `after`. */
  announce(to: HostId, after: HistoryPosition, record: RingRecord): void {
    this.#send(to, after, [record], false);
  }

  received(from: HostId, message: Records): void {
    const { log } = this.#context;
    for (const vote of message.votes) this.#port.remember(from, vote);
    if (message.snapshot !== null && !this.#startOver(from, message)) return;
    switch (log.compare(message.after)) {
      case 'fork':
        this.differs(from, message.after);
        // An empty answer only shows a position; answering that would never end.
        if (message.records.length > 0) this.#showMine(from, message.after.epoch);
        return;
      case 'ahead':
        return this.request(from);
      case 'level':
      case 'behind':
      case 'beyondRecall':
        for (const record of message.records) if (!this.#take(from, record)) return;
    }
  }

  /** Two histories differ at `theirs.epoch`. */
  differs(witness: HostId, theirs: HistoryPosition): void {
    if (this.#fork !== null) return;
    const { effects, log } = this.#context;
    this.#fork = { mine: log.positionAt(theirs.epoch) ?? log.position, theirs, witness };
    effects.emit({ kind: 'fork', fork: this.#fork });
  }

  /** Takes one record of another's history; false if the ones after it are of no use. */
  #take(from: HostId, record: RingRecord): boolean {
    const { log } = this.#context;
    const { epoch } = log.position;
    if (record.epoch > epoch + 1) {
      this.#context.dropped(from, `records: epoch ${record.epoch} came before ${epoch + 1}`);
      return false;
    }
    // Equal, or the history before differs: either way the chain hashes tell.
    const theirs =
      record.epoch === epoch + 1
        ? { epoch, chainHash: record.previous, lineage: record.lineage }
        : { epoch: record.epoch, chainHash: chainHash(record), lineage: record.lineage };
    if (log.compare(theirs) === 'fork') {
      this.differs(from, theirs);
      this.#showMine(from, theirs.epoch);
      return false;
    }
    const refusal = record.epoch <= epoch ? null : this.#port.apply(record);
    if (refusal !== null) this.#context.dropped(from, `records: ${refusal}`);
    return refusal === null;
  }

  /** Takes the snapshot if it is further than this history; false if the message is of no use. */
  #startOver(from: HostId, { snapshot, records }: Records): boolean {
    const { log } = this.#context;
    const mine = log.state;
    if (snapshot === null || mine === null || snapshot.epoch <= mine.epoch) return true;
    const state = stateOfSnapshot(snapshot);
    const [first] = records;
    if (state === null || first === undefined || isRefusal(foldRecord(state, first))) {
      this.#context.dropped(from, 'records: an unsound snapshot');
      return false;
    }
    if (state.clusterId !== mine.clusterId || state.lineage !== mine.lineage) {
      // What lies between is not kept by anyone asked; a forced record among it is for an operator to judge.
      this.differs(from, { epoch: snapshot.epoch, chainHash: snapshot.chainHash, lineage: snapshot.lineage });
      return false;
    }
    this.#port.reset(state);
    return true;
  }

  #showMine(to: HostId, epoch: number): void {
    const mine = this.#context.log.positionAt(epoch);
    if (mine !== null) this.#context.effects.send(to, this.#records(mine, []));
  }

  #send(to: HostId, after: HistoryPosition, records: readonly RingRecord[], whole: boolean): void {
    let position = after;
    let part: RingRecord[] = [];
    let bytes = 0;
    let snapshot = whole ? this.#context.log.snapshot : null;
    const flush = (next: RingRecord | null): void => {
      this.#context.effects.send(to, { ...this.#records(position, part), snapshot });
      if (next !== null) position = { epoch: next.epoch - 1, chainHash: next.previous, lineage: part.at(-1)!.lineage };
      part = [];
      bytes = 0;
      snapshot = null;
    };
    for (const record of records) {
      if (bytes > maxMessageBytes) flush(record);
      part.push(record);
      bytes += 200 + record.subjects.reduce((sum, subject) => sum + 24 + 9 * subject.tokens.length, 0);
    }
    if (part.length > 0) flush(null);
  }

  #records(after: HistoryPosition, records: readonly RingRecord[]): Records {
    return { kind: 'records', after, snapshot: null, records, votes: this.#port.votes() };
  }
}
