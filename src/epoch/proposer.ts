import type { HostId } from '../base/id.ts';
import type { AcceptorState } from './acceptor-state.ts';
import { type Ballot, compareBallots } from './ballot.ts';
import type { EpochContext } from './epoch-context.ts';
import type { Accept, Accepted, Prepare, PromiseAnswer, Reject } from './epoch-message.ts';
import { foldRecord, isRefusal } from './fold-record.ts';
import type { RingRecord } from './ring-record.ts';
import { majority, type RingState, votersOf } from './ring-state.ts';

/**
 * Rounds grow by a random step up to this. A proposer restored from an old copy of its store, which may forget its last
 * round, then hardly ever meets its own ballot again.
 */
const maxRoundStep = 4_096;

export interface ProposerPort {
  /** To a voter; to oneself: to the own acceptor, which may answer at once. */
  ask(voter: HostId, request: Prepare | Accept): void;
  /** The own acceptor: nothing below its promise can succeed, and what it has accepted is worth completing. */
  acceptor(): AcceptorState;
  /** The own draft, or null. */
  candidate(): RingRecord | null;
  /** The highest commit number that is remembered of a voter. */
  known(voter: HostId): number;
  /** A majority has accepted the record. */
  decided(record: RingRecord): void;
  /** An attempt with no own draft met a higher ballot, and leaves the field to it. */
  stopped(): void;
}

interface Attempt {
  readonly state: RingState;
  readonly ballot: Ballot;
  readonly voters: readonly HostId[];
  /** `claim`: the own acceptor keeps the ballot first, so that no restart can use it for another record. */
  phase: 'claim' | 'prepare' | 'accept';
  readonly promises: Map<HostId, PromiseAnswer['accepted']>;
  readonly acceptances: Set<HostId>;
  record: RingRecord | null;
  /** A higher ballot was met: wait, then try again with one above it. */
  backingOff: boolean;
  repeatMs: number;
}

/**
 * The proposer of single-decree Paxos (Lamport, Paxos Made Simple, section 2.2) for the epoch after the last record.
 * Requests are repeated until answered; a higher ballot makes it wait, longer each time, and come back above it. What a
 * voter has accepted before goes first, whoever proposed it.
 */
export class Proposer {
  readonly #context: EpochContext;
  readonly #port: ProposerPort;
  #attempt: Attempt | null = null;
  #highestRound = 0;
  #failures = 0;
  #mark = 0;
  #toldMs: number | null = null;

  constructor(context: EpochContext, port: ProposerPort) {
    this.#context = context;
    this.#port = port;
  }

  /** Begins an attempt, unless one is under way. */
  pursue(): void {
    if (this.#attempt === null) this.#begin();
  }

  /** The epoch is decided, or this node proposes no more. */
  stop(): void {
    this.#attempt = null;
    this.#highestRound = 0;
    this.#failures = 0;
    this.#toldMs = null;
  }

  promised(from: HostId, message: PromiseAnswer): void {
    const attempt = this.#matching(message);
    if (attempt === null || attempt.phase === 'accept') return;
    const { accepted } = message;
    const own = from === this.#context.hostId;
    if (own !== (attempt.phase === 'claim') || !(own || attempt.voters.includes(from))) return;
    if (accepted !== null && isRefusal(foldRecord(attempt.state, accepted.record))) {
      return this.#context.dropped(from, 'promise: what it has accepted does not follow the last record');
    }
    if (attempt.voters.includes(from)) attempt.promises.set(from, accepted);
    attempt.phase = 'prepare';
    if (attempt.promises.size >= majority(attempt.voters.length)) this.#accept(attempt);
    else if (own) this.#ask(attempt);
  }

  accepted(from: HostId, message: Accepted): void {
    const attempt = this.#matching(message);
    if (attempt?.phase !== 'accept' || !attempt.voters.includes(from)) return;
    attempt.acceptances.add(from);
    if (attempt.acceptances.size >= majority(attempt.voters.length)) this.#port.decided(attempt.record!);
  }

  rejected({ epoch, ballot, promised }: Reject): void {
    const attempt = this.#matching({ epoch, ballot });
    if (attempt === null || promised === null || compareBallots(promised, ballot) <= 0) return;
    this.#highestRound = Math.max(this.#highestRound, promised.round);
    if (attempt.backingOff) return;
    this.#failures++;
    if (this.#port.candidate() === null) {
      this.#attempt = null;
      this.#port.stopped();
      return;
    }
    // Answers that are still under way count: a majority is a majority.
    attempt.backingOff = true;
    const { repeatMs, maxRepeatMs } = this.#context.timings;
    this.#schedule(Math.min(repeatMs * 2 ** this.#failures, maxRepeatMs));
  }

  timer(mark: number): void {
    const attempt = this.#attempt;
    if (attempt === null || mark !== this.#mark) return;
    this.#tellMissing(attempt);
    const pointless = this.#port.candidate() === null && this.#port.acceptor().accepted === null;
    if (attempt.phase !== 'accept' && pointless) this.#attempt = null;
    else if (attempt.backingOff) this.#begin();
    else {
      attempt.repeatMs = Math.min(attempt.repeatMs * 2, this.#context.timings.maxRepeatMs);
      this.#schedule(attempt.repeatMs);
      this.#ask(attempt);
    }
  }

  #begin(): void {
    const { hostId, log, nowMs, random, timings } = this.#context;
    const state = log.state!;
    this.#toldMs ??= nowMs;
    const above = Math.max(this.#highestRound, this.#port.acceptor().promised?.round ?? 0);
    this.#attempt = {
      state,
      ballot: { round: above + 1 + random.below(maxRoundStep), hostId },
      voters: votersOf(state),
      phase: 'claim',
      promises: new Map(),
      acceptances: new Set(),
      record: null,
      backingOff: false,
      repeatMs: timings.repeatMs,
    };
    this.#schedule(timings.repeatMs);
    this.#ask(this.#attempt);
  }

  /** A majority has promised: the accepted record of the highest ballot among them, else the own draft. */
  #accept(attempt: Attempt): void {
    let highest: PromiseAnswer['accepted'] = null;
    for (const accepted of attempt.promises.values()) {
      if (accepted !== null && (highest === null || compareBallots(accepted.ballot, highest.ballot) > 0)) {
        highest = accepted;
      }
    }
    attempt.record = highest?.record ?? this.#port.candidate();
    if (attempt.record === null) {
      this.#attempt = null;
      return;
    }
    attempt.phase = 'accept';
    if (!attempt.backingOff) {
      attempt.repeatMs = this.#context.timings.repeatMs;
      this.#schedule(attempt.repeatMs);
    }
    this.#ask(attempt);
  }

  /** Asks, or asks again, every voter whose answer in this phase is missing. */
  #ask(attempt: Attempt): void {
    const { ballot, state, record, phase } = attempt;
    const epoch = state.epoch + 1;
    for (const voter of this.#missing(attempt)) {
      // An answer of the own acceptor may have changed everything meanwhile.
      if (this.#attempt !== attempt || attempt.phase !== phase) return;
      const known = this.#port.known(voter);
      if (phase === 'accept') this.#port.ask(voter, { kind: 'accept', epoch, ballot, record: record!, known });
      else this.#port.ask(voter, { kind: 'prepare', epoch, ballot, previous: state.chainHash, known });
    }
  }

  #missing(attempt: Attempt): readonly HostId[] {
    if (attempt.phase === 'claim') return [this.#context.hostId];
    const heard: { has(voter: HostId): boolean } = attempt.phase === 'accept' ? attempt.acceptances : attempt.promises;
    return attempt.voters.filter((voter) => !heard.has(voter));
  }

  #tellMissing(attempt: Attempt): void {
    const { effects, nowMs, timings } = this.#context;
    if (this.#toldMs === null || nowMs - this.#toldMs < timings.tellMissingMs) return;
    this.#toldMs = nowMs;
    effects.emit({ kind: 'noMajority', epoch: attempt.state.epoch + 1, missing: this.#missing(attempt) });
  }

  #matching(answer: { readonly epoch: number; readonly ballot: Ballot }): Attempt | null {
    const attempt = this.#attempt;
    if (attempt === null || answer.epoch !== attempt.state.epoch + 1) return null;
    return compareBallots(answer.ballot, attempt.ballot) === 0 ? attempt : null;
  }

  #schedule(delayMs: number): void {
    this.#context.effects.schedule('attempt', ++this.#mark, this.#context.jitter(delayMs));
  }
}
