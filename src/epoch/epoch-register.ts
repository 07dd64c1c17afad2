import { InvariantViolation, type RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { Now } from '../base/time.ts';
import { EpochContext } from './epoch-context.ts';
import type { EpochEffects, EpochRecord, Fork, StoredHistory } from './epoch-effects.ts';
import { adoptedError, damagedError, proposalError, refusedError, restoredError } from './epoch-errors.ts';
import type {
  Accept,
  Accepted,
  EpochMessage,
  HistoryPosition,
  Prepare,
  PromiseAnswer,
  Reject,
} from './epoch-message.ts';
import { defaultTimings, type EpochTimings } from './epoch-timings.ts';
import { HistoryExchange } from './history-exchange.ts';
import { Proposals } from './proposals.ts';
import { Proposer } from './proposer.ts';
import { concernedBy, type RecordDraft, recordOf } from './record-draft.ts';
import { RingLog } from './ring-log.ts';
import type { RingRecord } from './ring-record.ts';
import type { RingSnapshot } from './ring-snapshot.ts';
import type { RingState } from './ring-state.ts';
import { Voter } from './voter.ts';

export type { EpochEffects, EpochEvent, EpochRecord, Fork, ProposalOutcome, StoredHistory } from './epoch-effects.ts';
export type { RecordDraft } from './record-draft.ts';

/**
 * Orders the ring's changes: one record an epoch, decided by single-decree Paxos among the owners after the record
 * before (design: Vertical Paxos' idea that each configuration decides its successor; Cassandra 6 keeps its cluster
 * metadata log so too, on its own Paxos). This node is proposer, voter and learner in one.
 *
 * Synchronous and deterministic. A decided record is in force at once and is committed; a vote of the next epoch is
 * committed after it, so no crash can keep the vote and lose the record. Nothing from outside throws.
 */
export class EpochRegister {
  readonly #context: EpochContext;
  readonly #log = new RingLog();
  readonly #proposals: Proposals;
  readonly #voter: Voter;
  readonly #proposer: Proposer;
  readonly #history: HistoryExchange;
  /** A record that this node decides alone, on its way to the disk: no majority holds it, so it is not said before. */
  #alone: RingRecord | null = null;

  constructor(options: {
    hostId: HostId;
    random: Random;
    /** What the failure detector says; false while it cannot know. Only spares a starting voter some waiting. */
    isDead(hostId: HostId): boolean;
    timings?: Partial<EpochTimings>;
  }) {
    const timings = { ...defaultTimings, ...options.timings };
    this.#context = new EpochContext({ ...options, timings, log: this.#log });
    this.#proposals = new Proposals(this.#context);
    this.#voter = new Voter(this.#context, {
      answerSelf: (message) => this.#answered(options.hostId, message),
      restored: () => {
        this.#proposer.stop();
        this.#proposals.refuseAll(restoredError())();
      },
    });
    this.#proposer = new Proposer(this.#context, {
      ask: (voter, request) => {
        if (voter === options.hostId) this.#voter.asked(voter, request);
        else this.#context.effects.send(voter, request);
      },
      acceptor: () => this.#voter.state,
      candidate: () => this.#proposals.candidate,
      known: (voter) => this.#voter.known(voter),
      decided: (record) => this.#decided(record),
      stopped: () => this.#voter.completionStopped(),
    });
    this.#history = new HistoryExchange(this.#context, {
      apply: (record) => this.#append(record, true),
      reset: (state) => this.#reset(state),
      replaceBy: (other) => this.#replaceBy(other),
      votesFor: (hostId) => this.#voter.votesFor(hostId),
      remember: (from, vote) => this.#voter.remember(from, vote),
    });
  }

  get state(): RingState | null {
    return this.#log.state;
  }

  get position(): HistoryPosition {
    return this.#log.position;
  }

  /** The history that is kept, to read. */
  get log(): Pick<RingLog, 'state' | 'position' | 'snapshot' | 'records' | 'positionAt' | 'compare' | 'recordsAfter'> {
    return this.#log;
  }

  /** Another history than this node's, once one was met, and until nobody shows it any more; null after each start. */
  get fork(): Fork | null {
    return this.#history.fork;
  }

  /** True once this voter's store is known to be an old copy: it votes and proposes no more. */
  get restored(): boolean {
    return this.#voter.restored;
  }

  /** True while a proposal of this node waits for its outcome. */
  get proposing(): boolean {
    return this.#proposals.size > 0;
  }

  /**
   * Takes what the store holds, once, at start; asks the other voters' memory if this node is one.
   * Throws RingError STORE_DAMAGED if the records do not follow one another.
   */
  load(now: Now, stored: StoredHistory, effects: EpochEffects): void {
    this.#context.enter(now, effects);
    const reason = this.#log.fill(stored.snapshot, stored.records, stored.fold);
    if (reason !== null) throw damagedError(reason);
    this.#voter.load(stored.acceptor, stored.remembered);
    if (this.#log.state === null) return;
    if (stored.fold === undefined) this.#voter.requireRecall();
    this.#voter.advance();
    this.#voter.armCompletion();
  }

  /** Takes a whole history, as the shadow round brought it, into a register that has none. An error changes nothing. */
  adopt(
    now: Now,
    snapshot: RingSnapshot | null,
    records: readonly RingRecord[],
    effects: EpochEffects,
  ): RingError | null {
    this.#context.enter(now, effects);
    if (this.#log.position.epoch > 0 || this.#alone !== null) {
      return refusedError('this node has a ring history already', 'ask it for records instead');
    }
    const wrong = this.#log.fill(snapshot, records) ?? (this.state === null ? 'it is empty' : null);
    if (wrong !== null) return refusedError(`the history of the seed is unsound: ${wrong}`, 'try another seed');
    effects.commit(asStored(snapshot, records));
    // The ring knows this host id, but its store knows no ring: it had a life that it has forgotten.
    if (this.state!.members.has(this.#context.hostId)) this.#voter.requireRecall();
    this.#voter.advance();
    return null;
  }

  receive(now: Now, from: HostId, message: EpochMessage, effects: EpochEffects): void {
    this.#context.enter(now, effects);
    if (from === this.#context.hostId) return this.#context.dropped(from, 'a message from oneself');
    if (message.kind === 'recall') {
      effects.send(from, { kind: 'recalled', known: this.#voter.known(from) });
      return this.#voter.remember(from, { hostId: from, commitNumber: message.commitNumber });
    }
    if (this.#log.state === null) return this.#context.dropped(from, `${message.kind}: no ring here yet`);
    switch (message.kind) {
      case 'prepare':
      case 'accept':
        return this.#asked(from, message);
      case 'promise':
      case 'accepted':
      case 'reject':
        return this.#answered(from, message);
      case 'records':
        return this.#history.received(from, message);
      case 'recordsRequest':
        return this.#history.met(from, message.at);
      case 'recalled':
        return this.#voter.recalled(from, message.known);
    }
  }

  committed(now: Now, batch: readonly EpochRecord[], effects: EpochEffects): void {
    this.#context.enter(now, effects);
    for (const each of batch) {
      if (each.kind === 'acceptor') this.#voter.committed(each.acceptor);
      else if (each.kind === 'ringRecord' && each.record === this.#alone) this.#decided(each.record, false);
    }
  }

  /** Purposes: `adopt`, `attempt`, `complete`, `fork`, `recall`, `refusal`. */
  timer(now: Now, purpose: string, mark: number, effects: EpochEffects): void {
    this.#context.enter(now, effects);
    if (purpose === 'attempt') this.#proposer.timer(mark);
    else if (purpose === 'adopt') this.#history.adoptionTimer(mark);
    else if (purpose === 'fork') this.#history.forkTimer(mark);
    else if (purpose === 'recall') this.#voter.recallTimer(mark);
    else if (purpose === 'complete' && this.#voter.completionDue(mark)) {
      this.#voter.armCompletion();
      this.#proposer.pursue();
    } else if (purpose === 'refusal') this.#proposals.refusalDue(mark);
  }

  /**
   * Proposes the next record, and goes on until the epoch is decided; `forced`: decides it alone, under a new lineage, and
   * forks the ring if a majority lives after all. Returns the proposal's id; the outcome comes as an event, never from
   * within this call. Errors, as outcome `refused`: REFUSED, OPERATION_OPEN, UNKNOWN_OPERATION, FORKED.
   */
  propose(now: Now, draft: RecordDraft, effects: EpochEffects, way: 'voted' | 'forced' = 'voted'): number {
    this.#context.enter(now, effects);
    const record = recordOf(draft, this.state, this.#context, now.wallMs, way === 'forced');
    const { state, fork, restored } = this;
    const founding = state === null && this.#alone !== null;
    const at = { hostId: record.proposer, state, fork, restored, founding };
    const error = proposalError(at, record);
    if (error !== null) return this.#proposals.refuse(error);
    const id = this.#proposals.add(record);
    if (state !== null && way === 'voted') this.#proposer.pursue();
    else {
      this.#alone = record;
      effects.commit([{ kind: 'ringRecord', record }]);
    }
    return id;
  }

  /** Forgets a proposal: no outcome follows. What voters have accepted may still be decided. */
  withdraw(id: number): void {
    this.#proposals.withdraw(id);
  }

  /** Ends a fork by taking the other history: `adopted` or `adoptionFailed` follows, unless it returns why it cannot be. */
  adoptLineage(now: Now, lineage: string, effects: EpochEffects): RingError | null {
    this.#context.enter(now, effects);
    return this.#history.adopt(lineage);
  }

  #replaceBy(other: RingLog): void {
    const { effects } = this.#context;
    const { snapshot, records } = other;
    this.#alone = null;
    this.#log.replaceBy(other);
    this.#proposer.stop();
    const acceptor = this.#voter.restart();
    // With its records: what a restart finds is what everybody else holds, to send on and to judge an operation by.
    effects.commit([{ kind: 'ringForgotten' }, ...asStored(snapshot, records), { kind: 'acceptor', acceptor }]);
    const answer = this.#proposals.refuseAll(adoptedError());
    effects.emit({ kind: 'adopted', record: records.at(-1) ?? null, state: this.state! });
    answer();
  }

  #asked(from: HostId, request: Prepare | Accept): void {
    const previous = request.kind === 'prepare' ? request.previous : request.record.previous;
    const verdict = this.#history.asked(from, request.epoch - 1, previous);
    if (verdict === 'vote') this.#voter.asked(from, request);
    else if (verdict !== null) this.#voter.reject(from, request, verdict, null);
  }

  #answered(from: HostId, answer: PromiseAnswer | Accepted | Reject): void {
    if (from !== this.#context.hostId) {
      if (answer.kind === 'reject') this.#history.met(from, answer.at);
      else this.#voter.remember(from, { hostId: from, commitNumber: answer.commitNumber });
    }
    if (answer.kind === 'promise') this.#proposer.promised(from, answer);
    else if (answer.kind === 'accepted') this.#proposer.accepted(from, answer);
    else this.#proposer.rejected(answer);
  }

  /** A majority has accepted it, or this node alone, on disk: tell all whom it concerns at once. */
  #decided(record: RingRecord, commit = true): void {
    const { state, position } = this.#log;
    if (state !== null) this.#history.announce(concernedBy(record, state), position, record);
    const reason = this.#append(record, commit);
    if (reason !== null) throw new InvariantViolation(`a record was decided that does not follow: ${reason}`);
  }

  /** Puts a record in force; everything holds before anybody hears of it, for listeners may propose at once. */
  #append(record: RingRecord, commit: boolean): string | null {
    const { effects } = this.#context;
    const refusal = this.#log.append(record);
    if (refusal !== null) return refusal.reason;
    this.#alone = null;
    const snapshot = this.#log.snapshotDue;
    const batch: EpochRecord[] = commit ? [{ kind: 'ringRecord', record }] : [];
    if (snapshot !== null) batch.push({ kind: 'ringSnapshot', snapshot });
    if (batch.length > 0) effects.commit(batch);
    const answerProposals = this.#proposals.decided(record);
    this.#proposer.stop();
    this.#voter.advance();
    effects.emit({ kind: 'decided', record, state: this.#log.state! });
    answerProposals();
    return null;
  }

  /** Far behind: the fold of a longer history stands for all that is not kept any more. */
  #reset(state: RingState): void {
    this.#alone = null;
    this.#log.reset(state);
    this.#context.effects.commit([{ kind: 'ringSnapshot', snapshot: this.#log.snapshot! }]);
    this.#proposer.stop();
    this.#voter.advance();
    this.#context.effects.emit({ kind: 'startedOver', state });
  }
}

/** A whole history as the store holds it. */
function asStored(snapshot: RingSnapshot | null, records: readonly RingRecord[]): EpochRecord[] {
  const prefix: EpochRecord[] = snapshot === null ? [] : [{ kind: 'ringSnapshot', snapshot }];
  return [...prefix, ...records.map((record) => ({ kind: 'ringRecord', record }) as const)];
}
