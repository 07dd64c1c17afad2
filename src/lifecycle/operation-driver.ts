import { RingError } from '../base/error.ts';
import { type HostId, randomUuid } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { RecordDraft } from '../epoch/epoch-register.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';
import { isVoter, type RingState, votersOf } from '../epoch/ring-state.ts';
import { JoinQueue } from './join-queue.ts';
import type { LifecycleLog } from './lifecycle-log.ts';
import type { JoinAnswer, JoinRequest } from './lifecycle-message.ts';

/** How often a voter looks whether the open operation can go on. */
const lookMs = 500;
/** A voter of rank r (by host id among the live) waits r times this before it steps in for the one before. */
const rankPatienceMs = 2_000;

export interface OperationPort extends LifecycleLog {
  readonly hostId: HostId;
  readonly schemaVersion: string;
  isAlive(hostId: HostId): boolean;
  /** True while this node may not propose: its own proposal is under way, or it is unfit. */
  readonly busy: boolean;
  /** Why this node can propose nothing, as long as it runs: its store is an old copy, or the ring is forked. */
  readonly unfit: 'restored' | 'forked' | null;
  /** The proposal's id. */
  propose(draft: RecordDraft): number;
  withdraw(proposal: number): void;
  answer(joiner: HostId, answer: JoinAnswer): void;
  /** Comes back as `timer`. `look` is periodic, `gather` ends the gathering of joiners. */
  schedule(purpose: OperationTimer, delayMs: number): void;
}

export type OperationTimer = 'look' | 'gather';

/**
 * The voters' side of an operation: takes gathered joiners (`join-queue.ts`) into one `begin`, proposes each next step, and ends what hangs. Every
 * voter runs it; the lowest live one acts at once, the others only when it is silent, and the register makes doubles
 * harmless. Nothing is kept here that the records do not say, but the joiners who wait: they ask again.
 *
 * (The barriers between the steps come with range movements; until then a step follows the one before at once.)
 */
export class OperationDriver {
  readonly #random: Random;
  readonly #joinTimeoutMs: number;
  readonly #joiners = new JoinQueue();
  /** Since when a subject of the open operation has not been alive; absent while it is. */
  readonly #deadSinceMs = new Map<HostId, number>();
  #stepSinceMs = 0;
  /** The `switch` this node proposed last, while its epoch is open: withdrawn when the joiners turn out to be dead. */
  #switching: number | null = null;
  /** The `begin` this node proposed last, while its epoch is open. */
  #beginning: { readonly proposal: number; readonly joiners: readonly HostId[] } | null = null;
  #seenEpoch = 0;

  constructor(options: { random: Random; joinTimeoutMs: number }) {
    this.#random = options.random;
    this.#joinTimeoutMs = options.joinTimeoutMs;
  }

  begin(port: OperationPort): void {
    port.schedule('look', lookMs);
  }

  timer(nowMs: number, purpose: OperationTimer, state: RingState, port: OperationPort): void {
    if (purpose === 'look') port.schedule('look', lookMs);
    this.look(nowMs, state, port);
  }

  joinRequested(nowMs: number, joiner: HostId, request: JoinRequest, state: RingState, port: OperationPort): void {
    // Unanswered, the joiner passes on to the next voter; a fork is no better anywhere on this side of it.
    if (port.unfit === 'restored') return;
    if (port.unfit === 'forked') {
      const reason = 'the ring has two histories, and nothing changes until one of them is given up';
      return port.answer(joiner, { kind: 'joinAnswer', outcome: 'waiting', reason, taken: [] });
    }
    this.#joiners.requested(nowMs, joiner, request, state, port);
  }

  /** Looks what can be proposed now: called by the timer, and at once after every decided record. */
  look(nowMs: number, state: RingState, port: OperationPort): void {
    if (state.epoch !== this.#seenEpoch) {
      this.#seenEpoch = state.epoch;
      this.#stepSinceMs = nowMs;
      this.#switching = null;
      this.#beginning = null;
    }
    this.#joiners.prune(nowMs, state);
    const open = state.operation;
    if (open === null) this.#deadSinceMs.clear();
    else this.#watchSubjects(nowMs, open, port);
    this.#withdrawHopeless(nowMs, port);
    if (port.busy || !isVoter(state, port.hostId)) return;
    if (open === null) this.#beginWaiting(nowMs, state, port);
    else if (nowMs - this.#stepSinceMs >= this.#rank(state, port) * rankPatienceMs) this.#step(nowMs, open, port);
  }

  /**
   * What `ringctl ops abort` may propose for the open operation: `abort` before `switch`, `end` of a bootstrap after it.
   * This node's own `switch`, if it waits for a majority, makes way. Errors: UNKNOWN_OPERATION, REFUSED; then nothing is
   * changed.
   */
  abortDraft(operationId: string, state: RingState, port: OperationPort): RecordDraft {
    const open = state.operation;
    if (open === null || open.operationId !== operationId) {
      throw new RingError('UNKNOWN_OPERATION', `no open operation has the id ${operationId}`, {
        hint: open === null ? 'no operation is open' : `the open operation is ${open.operationId}`,
      });
    }
    if (open.step === 'switch' && open.kind !== 'bootstrap') {
      throw new RingError('REFUSED', `the ${open.kind} ${operationId} is past its switch and cannot be aborted`, {
        hint: 'let it end',
      });
    }
    if (this.#switching !== null) port.withdraw(this.#switching);
    this.#switching = null;
    return stepDraft(open, open.step === 'switch' ? 'end' : 'abort', port.schemaVersion);
  }

  #watchSubjects(nowMs: number, open: OpenOperation, port: OperationPort): void {
    for (const { hostId } of open.subjects) {
      if (port.isAlive(hostId)) this.#deadSinceMs.delete(hostId);
      else if (!this.#deadSinceMs.has(hostId)) this.#deadSinceMs.set(hostId, nowMs);
    }
  }

  #beginWaiting(nowMs: number, state: RingState, port: OperationPort): void {
    const subjects = this.#joiners.take(nowMs, state, port);
    if (subjects.length === 0) return;
    const proposal = port.propose({
      kind: 'begin',
      operationId: randomUuid(this.#random),
      operation: 'bootstrap',
      subjects,
      replaces: null,
      schemaVersion: port.schemaVersion,
      found: null,
      alter: null,
    });
    this.#beginning = { proposal, joiners: subjects.map(({ hostId }) => hostId) };
  }

  #step(nowMs: number, open: OpenOperation, port: OperationPort): void {
    if (open.kind !== 'bootstrap') return;
    if (this.#deadSinceMs.size === 0) {
      const proposal = port.propose(stepDraft(open, open.step === 'begin' ? 'switch' : 'end', port.schemaVersion));
      if (open.step === 'begin') this.#switching = proposal;
      return;
    }
    const longDead = this.#longDead(nowMs);
    if (longDead.length === 0) return;
    const kind = open.step === 'begin' ? 'abort' : 'end';
    const names = longDead.join(', ');
    port.log('warn', 'operationEnded', `${names} did not come back: proposing ${kind} of ${open.operationId}`, {});
    port.propose(stepDraft(open, kind, port.schemaVersion));
  }

  #longDead(nowMs: number): HostId[] {
    return [...this.#deadSinceMs].flatMap(([hostId, sinceMs]) =>
      nowMs - sinceMs >= this.#joinTimeoutMs ? [hostId] : [],
    );
  }

  /** What no majority has taken yet must not come through once a joiner has died meanwhile; the others ask again. */
  #withdrawHopeless(nowMs: number, port: OperationPort): void {
    if (this.#beginning?.joiners.some((joiner) => !port.isAlive(joiner))) {
      port.withdraw(this.#beginning.proposal);
      this.#beginning = null;
    }
    if (this.#switching === null || this.#longDead(nowMs).length === 0) return;
    port.withdraw(this.#switching);
    this.#switching = null;
  }

  /** 0 for the lowest live voter. A voter that counts itself dead does not exist: own liveness is certain. */
  #rank(state: RingState, port: OperationPort): number {
    return votersOf(state)
      .filter((voter) => voter === port.hostId || port.isAlive(voter))
      .indexOf(port.hostId);
  }
}

function stepDraft(open: OpenOperation, kind: 'switch' | 'end' | 'abort', schemaVersion: string): RecordDraft {
  return {
    kind,
    operationId: open.operationId,
    operation: null,
    subjects: [],
    replaces: null,
    schemaVersion,
    found: null,
    alter: null,
  };
}
