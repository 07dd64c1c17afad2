import type { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { RememberedVoter } from './acceptor-state.ts';
import { chainHash } from './chain-hash.ts';
import type { EpochContext } from './epoch-context.ts';
import type { Fork } from './epoch-effects.ts';
import { refusedError } from './epoch-errors.ts';
import type { HistoryPosition, Records, RecordsRequest } from './epoch-message.ts';
import { foldRecord, isRefusal } from './fold-record.ts';
import { LineageAdoption } from './lineage-adoption.ts';
import { emptyPosition, type RingLog } from './ring-log.ts';
import type { RingRecord } from './ring-record.ts';
import { type RingState, stateOfSnapshot } from './ring-state.ts';

/** An answer is cut into messages of about this size, so that a long history blocks no stream. */
const maxMessageBytes = 32 * 1024;

export interface HistoryPort {
  /** Puts a decided record in force; what is wrong with it, or null. */
  apply(record: RingRecord): string | null;
  /** Starts over from the fold of a longer history. */
  reset(state: RingState): void;
  /** Takes the other history of a fork in place of this one. */
  replaceBy(other: RingLog): void;
  /** Commit numbers that a host is to remember. */
  votesFor(hostId: HostId): RememberedVoter[];
  remember(from: HostId, vote: RememberedVoter): void;
}

/**
 * Brings histories to the same length, and finds out where they differ. Whoever meets a longer one asks for what follows
 * its own position; whoever meets a shorter one sends that. Records that arrive are judged by the fold and the chain
 * hash, whoever sends them. Two records for one epoch are a fork: shown, never merged, and each keeps its own
 * until the other is adopted; then, or once nobody shows it any more, the fork is over.
 */
export class HistoryExchange {
  readonly #context: EpochContext;
  readonly #port: HistoryPort;
  #fork: Fork | null = null;
  #shownMs = 0;
  /** Counts forks and adoptions: a timer of an earlier one is none of the next. */
  #forks = 0;
  #adoptions = 0;
  #adoption: LineageAdoption | null = null;

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

  /** Whether this node can vote on what follows a position, or why not; null: one of the two lacks records first. */
  asked(from: HostId, epoch: number, chainHash: string): 'vote' | 'behind' | 'fork' | null {
    const at = { epoch, chainHash, lineage: emptyPosition.lineage };
    switch (this.#context.log.compare(at)) {
      case 'level':
        return 'vote';
      case 'ahead':
        return 'behind';
      case 'behind':
      case 'beyondRecall':
        this.met(from, at);
        return null;
      case 'fork':
        // The proposer sees it by `at`, and shows its own side in full.
        return 'fork';
    }
  }

  /** Asks for what follows the last record. */
  request(from: HostId): void {
    const request: RecordsRequest = { kind: 'recordsRequest', at: this.#context.log.position };
    this.#context.effects.send(from, request);
  }

  /** Sends the others one record that has just been decided on top of `after`. */
  announce(hosts: Iterable<HostId>, after: HistoryPosition, record: RingRecord): void {
    for (const to of hosts) if (to !== this.#context.hostId) this.#send(to, after, [record], false);
  }

  /** Gives this history up for the other one of the fork: asks its witness for all of it. Null, or why that cannot be. */
  adopt(lineage: string): RingError | null {
    if (this.#fork === null)
      return refusedError('the ring is not forked, as far as this node knows', 'nothing is to be adopted');
    const { theirs, witness } = this.#fork;
    if (theirs.lineage !== lineage) {
      return refusedError(
        `the other history is of lineage ${theirs.lineage}, got ${lineage}`,
        'give the lineage of the other history',
      );
    }
    this.#adoption = new LineageAdoption(this.#fork);
    this.#context.effects.send(witness, { kind: 'recordsRequest', at: emptyPosition });
    this.#context.effects.schedule('adopt', ++this.#adoptions, this.#context.timings.adoptMs);
    return null;
  }

  /** The other history should be here by now. */
  adoptionTimer(mark: number): void {
    if (this.#adoption === null || mark !== this.#adoptions) return;
    const { witness } = this.#adoption;
    this.#adoption = null;
    this.#context.effects.emit({ kind: 'adoptionFailed', witness });
  }

  received(from: HostId, message: Records): void {
    const { log } = this.#context;
    for (const vote of message.votes) this.#port.remember(from, vote);
    if (this.#adoption?.witness === from) {
      if (!this.#adoption.take(message)) return;
      const { log: other } = this.#adoption;
      this.#adoption = this.#fork = null;
      return this.#port.replaceBy(other);
    }
    if (message.snapshot !== null && !this.#startOver(from, message)) return;
    switch (log.compare(message.after)) {
      case 'fork':
        this.differs(from, message.after);
        // An empty answer only shows a position; answering that would never end.
        if (message.records.length > 0) this.#showMine(from, message.after.epoch);
        return;
      case 'ahead':
        // A later part of the other history: to ask at each would bring all of it again for each.
        if (this.#fork?.witness !== from) this.request(from);
        return;
      case 'level':
      case 'behind':
      case 'beyondRecall':
        for (const record of message.records) if (!this.#take(from, record)) return;
    }
  }

  /** Two histories differ at `theirs.epoch`. Who showed the other one last is its witness: it holds it still. */
  differs(witness: HostId, theirs: HistoryPosition): void {
    const { effects, log, nowMs } = this.#context;
    const again = this.#fork?.theirs.lineage === theirs.lineage;
    // A third history waits until the second is not shown any more.
    if (this.#fork !== null && !again && !this.#isStale) return;
    this.#shownMs = nowMs;
    this.#fork = { mine: log.positionAt(theirs.epoch) ?? log.position, theirs, witness };
    if (again) return;
    this.#forks++;
    this.#watchFork();
    effects.emit({ kind: 'fork', fork: this.#fork });
  }

  /** Nobody holds another history any more once nobody shows one. */
  forkTimer(mark: number): void {
    if (this.#fork === null || mark !== this.#forks) return;
    if (!this.#isStale) return this.#watchFork();
    this.#fork = null;
    this.#context.effects.emit({ kind: 'forkOver' });
  }

  #watchFork(): void {
    // Less than a whole one may be nothing to a clock that counts in fractions.
    this.#context.effects.schedule('fork', this.#forks, Math.ceil(this.#shownForMs));
  }

  get #isStale(): boolean {
    return this.#shownForMs <= 0;
  }

  /** For how long the fork is shown yet, unless somebody shows the other history again. */
  get #shownForMs(): number {
    const { nowMs, timings } = this.#context;
    return timings.forkShownMs - (nowMs - this.#shownMs);
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
    if (state === null || (first !== undefined && isRefusal(foldRecord(state, first)))) {
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
    if (mine !== null) this.#context.effects.send(to, this.#records(to, mine, []));
  }

  #send(to: HostId, after: HistoryPosition, records: readonly RingRecord[], whole: boolean): void {
    let position = after;
    let part: RingRecord[] = [];
    let bytes = 0;
    let snapshot = whole ? this.#context.log.snapshot : null;
    const flush = (next: RingRecord | null): void => {
      this.#context.effects.send(to, { ...this.#records(to, position, part), snapshot });
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
    // Without any record, what is sent is the fold.
    if (part.length > 0 || snapshot !== null) flush(null);
  }

  #records(to: HostId, after: HistoryPosition, records: readonly RingRecord[]): Records {
    return { kind: 'records', after, snapshot: null, records, votes: this.#port.votesFor(to) };
  }
}
