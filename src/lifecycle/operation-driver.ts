import { RingError } from '../base/error.ts';
import { type HostId, randomUuid } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import { draftOf, type RecordDraft } from '../epoch/record-draft.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';
import { isVoter, type RingState, votersOf } from '../epoch/ring-state.ts';
import { JoinQueue, type Newcomer } from './join-queue.ts';
import type { JoinAnswer, JoinRequest, OperationAnswer, ReplaceRequest } from './lifecycle-message.ts';
import { ofNewcomers, openOperation } from './open-operation.ts';
import type { OperationNeeds } from './operation-needs.ts';
import { ReplaceQueue, type ReplaceQueuePort } from './replace-queue.ts';
import { StepPoll, type StepPollPort } from './step-poll.ts';
import { type StepStanding, stepStanding } from './step-standing.ts';
import type { TokenPlaces } from './token-assignment.ts';

/** How often a voter looks whether the operation that is open, or that somebody waits for, can go on. */
const lookMs = 500;
/** A voter of rank r (by host id among the live) steps in 2^r − 1 times this after a step: few do where data moves for long. */
const rankPatienceMs = 2_000;
/** Live members that do not acknowledge a step are waited for so long, if the barrier is reached without them. */
const silencePatienceMs = 5_000;

export interface OperationPort extends StepPollPort, TokenPlaces, ReplaceQueuePort {
  readonly hostId: HostId;
  readonly schemaVersion: string;
  readonly keyspacesVersion: string;
  isAlive(hostId: HostId): boolean;
  /** True while this node may not propose: its own proposal is under way, or it is unfit. */
  readonly busy: boolean;
  /** Why this node can propose nothing, as long as it runs: its store is an old copy, or the ring is forked. */
  readonly unfit: 'restored' | 'forked' | null;
  /** It was at `switch` before and is not aborted any more, as `wentBack` of the records has it. */
  wentBack(open: OpenOperation): boolean;
  /** What the open operation needs; null while none is open. */
  needs(): OperationNeeds | null;
  /** Why a record that begins an operation would lead to one that cannot end, or null. */
  whyNotBegin(draft: RecordDraft): string | null;
  /** The proposal's id. */
  propose(draft: RecordDraft): number;
  withdraw(proposal: number): void;
  answer(joiner: HostId, answer: JoinAnswer): void;
  /** Comes back as `timer`. `look` is periodic while there is something to look after, `gather` ends the gathering of joiners. */
  schedule(purpose: OperationTimer, delayMs: number): void;
}

export type OperationTimer = 'look' | 'gather';

/**
 * The voters' side of an operation: takes gathered joiners (`join-queue.ts`) into one `begin`, proposes each next step
 * once its barrier is reached (`step-standing.ts`), and ends what hangs. Every voter runs it; the lowest live one acts at
 * once, the others later and later, and the register makes doubles harmless. Nothing is kept here that the records do not
 * say: joiners ask again, and members are asked again.
 */
export class OperationDriver {
  readonly #random: Random;
  readonly #joinTimeoutMs: number;
  readonly #joiners = new JoinQueue();
  /** Since when a newcomer of the open operation has not been alive; absent while it is. */
  #deadSinceMs = new Map<HostId, number>();
  readonly #replacements = new ReplaceQueue();
  readonly #poll = new StepPoll();
  #standing: StepStanding | null = null;
  #toldSilent = false;
  #stepSinceMs = 0;
  /** The `switch` this node proposed last, while its epoch is open: withdrawn when the joiners turn out to be dead. */
  #switching: number | null = null;
  /** The `begin` this node proposed last, while its epoch is open. */
  #beginning: { readonly proposal: number; readonly joiners: readonly HostId[] } | null = null;
  #seenEpoch = 0;
  /** A look is planned. A ring at rest needs none, and a thousand rings at rest cost nothing. */
  #planned = false;

  constructor(options: { random: Random; joinTimeoutMs: number }) {
    this.#random = options.random;
    this.#joinTimeoutMs = options.joinTimeoutMs;
  }

  timer(nowMs: number, purpose: OperationTimer, state: RingState, port: OperationPort): void {
    if (purpose === 'look') this.#planned = false;
    this.look(nowMs, state, port);
  }

  joinRequested(
    nowMs: number,
    joiner: HostId,
    request: JoinRequest | ReplaceRequest,
    state: RingState,
    port: OperationPort,
  ): void {
    // Unanswered, the joiner passes on to the next voter; a fork is no better anywhere on this side of it.
    if (port.unfit === 'restored') return;
    if (port.unfit === 'forked') {
      const reason = 'the ring has two histories, and nothing changes until one of them is given up';
      return port.answer(joiner, { kind: 'joinAnswer', outcome: 'waiting', reason, taken: [] });
    }
    if (request.kind === 'joinRequest') this.#joiners.requested(nowMs, joiner, request, state, port);
    else this.#replacements.requested(nowMs, joiner, request, state, port);
    this.#planNext(state, port);
  }

  /**
   * Looks what can be proposed now, and plans the next look where that may change by itself: called when the node begins to
   * run, by the timer, and at once after every decided record.
   */
  look(nowMs: number, state: RingState, port: OperationPort): void {
    this.#act(nowMs, state, port);
    this.#planNext(state, port);
  }

  #planNext({ operation }: RingState, port: OperationPort): void {
    const rests = operation === null && this.#beginning === null;
    if (this.#planned || (rests && this.#joiners.isEmpty && this.#replacements.isEmpty)) return;
    this.#planned = true;
    port.schedule('look', lookMs);
  }

  #act(nowMs: number, state: RingState, port: OperationPort): void {
    if (state.epoch !== this.#seenEpoch) {
      this.#seenEpoch = state.epoch;
      this.#stepSinceMs = nowMs;
      this.#switching = null;
      this.#beginning = null;
      this.#standing = null;
      this.#toldSilent = false;
    }
    this.#joiners.prune(nowMs, state);
    const open = state.operation;
    if (open === null || !ofNewcomers(open)) this.#deadSinceMs.clear();
    else this.#watchSubjects(nowMs, open, port);
    this.#withdrawHopeless(nowMs, port);
    if (port.busy || !isVoter(state, port.hostId)) return;
    if (open === null) this.#beginWaiting(nowMs, state, port);
    else if (nowMs - this.#stepSinceMs >= (2 ** this.#rank(state, port) - 1) * rankPatienceMs)
      this.#step(nowMs, state, open, port);
  }

  /** A member said where it stands in the open operation. */
  answered(nowMs: number, from: HostId, answer: OperationAnswer, state: RingState, port: OperationPort): void {
    if (this.#poll.answered(from, answer)) this.look(nowMs, state, port);
  }

  /** What the next step waits for, in sentences; null at a voter that does not drive the operation. */
  get waitingFor(): readonly string[] | null {
    return this.#standing?.waitingFor ?? null;
  }

  /** Who drives the open operation, as this node sees it: the lowest live voter, a leaver only if nobody else is left. */
  driverOf(state: RingState, port: Pick<OperationPort, 'hostId' | 'isAlive'>): HostId | null {
    return this.#ranked(state, port)[0] ?? null;
  }

  /**
   * What `ringctl ops abort` may propose for the open operation: `abort`, before any `switch`. This node's own `switch`, if
   * it waits for a majority, makes way. Errors: UNKNOWN_OPERATION, REFUSED; then nothing is changed.
   */
  abortDraft(operationId: string, state: RingState, port: OperationPort): RecordDraft {
    const open = openOperation(state.operation, operationId);
    if (!isAbortable(open, port)) {
      throw new RingError('REFUSED', `the ${open.kind} ${operationId} is past its switch and cannot be aborted`, {
        hint: 'it ends by itself: `ringctl ops` says what it waits for; remove by force who is gone for good',
      });
    }
    if (this.#switching !== null) port.withdraw(this.#switching);
    this.#switching = null;
    return stepDraft(open, 'abort', port.schemaVersion);
  }

  #watchSubjects(nowMs: number, open: OpenOperation, port: OperationPort): void {
    const dead = open.subjects.filter(({ hostId }) => !port.isAlive(hostId));
    this.#deadSinceMs = new Map(dead.map(({ hostId }) => [hostId, this.#deadSinceMs.get(hostId) ?? nowMs]));
  }

  #beginWaiting(nowMs: number, state: RingState, port: OperationPort): void {
    const replacement = this.#replacements.take(nowMs, state, port);
    const newcomers = replacement === null ? this.#joiners.take(nowMs, state, port) : [replacement];
    if (newcomers.length === 0) return;
    const replaces = replacement?.replaces ?? null;
    const reason = this.#begin(newcomers, true, replaces, port);
    if (reason === null) return;
    const lenient = newcomers.filter(({ strict }) => !strict);
    const begun = lenient.length > 0 && this.#begin(lenient, false, replaces, port) === null;
    if (begun) {
      const names = lenient.map(({ hostId }) => hostId).join(', ');
      port.log('warn', 'notStrict', `${names} join all the same, as they ask for: ${reason}`, {});
    }
    for (const { hostId, strict } of newcomers) {
      if (begun && !strict) continue;
      port.answer(hostId, { kind: 'joinAnswer', outcome: 'waiting', reason, taken: [] });
    }
  }

  /** Proposes that these join, or says why not. */
  #begin(newcomers: readonly Newcomer[], strict: boolean, replaces: HostId | null, port: OperationPort): string | null {
    const draft = draftOf({
      kind: 'begin',
      operationId: randomUuid(this.#random),
      operation: replaces === null ? 'bootstrap' : 'replace',
      subjects: newcomers.map(({ hostId, tokens }) => ({ hostId, tokens })),
      replaces,
      strict,
      schemaVersion: port.schemaVersion,
    });
    const reason = port.whyNotBegin(draft);
    if (reason !== null) return reason;
    const proposal = port.propose(draft);
    this.#beginning = { proposal, joiners: newcomers.map(({ hostId }) => hostId) };
    return null;
  }

  #step(nowMs: number, state: RingState, open: OpenOperation, port: OperationPort): void {
    // Who is not an owner yet may have gone for good. An owner that is dead is waited for, or the operation goes on without.
    if (this.#deadSinceMs.size > 0 && isAbortable(open, port)) return this.#abortHopeless(nowMs, open, port);
    if (!this.#mayGoOn(nowMs, state, open, port)) return;
    const proposal = port.propose(stepDraft(open, open.step === 'begin' ? 'switch' : 'end', port.schemaVersion));
    if (open.step === 'begin') this.#switching = proposal;
  }

  /** Asks all whose word is missing, and judges what is known. */
  #mayGoOn(nowMs: number, state: RingState, open: OpenOperation, port: OperationPort): boolean {
    const needs = port.needs();
    if (needs === null) return false;
    this.#poll.follow(open);
    const judge = (): StepStanding =>
      stepStanding({
        open,
        needs,
        members: [...state.members.keys()],
        ringFingerprint: port.ringFingerprint(),
        keyspacesVersion: port.keyspacesVersion,
        patienceOver: this.#poll.askingForMs(nowMs) >= silencePatienceMs,
        abortable: isAbortable(open, port),
        givenUp: this.#longDead(nowMs),
        isAlive: (hostId) => port.isAlive(hostId),
        answerOf: (hostId) => this.#poll.answerOf(hostId),
      });
    let standing = judge();
    // The own answer is there at once, so it may be asked to acknowledge and to move in one look.
    for (let round = 0; round < 2 && !standing.ready; round++) {
      this.#poll.ask(nowMs, standing, port);
      if (!standing.asks.has(port.hostId)) break;
      standing = judge();
    }
    this.#standing = standing;
    if (!standing.ready) return false;
    if (standing.silent.length > 0 && !this.#toldSilent) {
      this.#toldSilent = true;
      const names = standing.silent.join(', ');
      port.log('warn', 'silentMembers', `${open.kind} ${open.operationId} goes on without the word of ${names}`, {});
    }
    return true;
  }

  #abortHopeless(nowMs: number, open: OpenOperation, port: OperationPort): void {
    const longDead = this.#longDead(nowMs);
    if (longDead.length === 0) return;
    const names = longDead.join(', ');
    port.log('warn', 'operationEnded', `${names} did not come back: proposing abort of ${open.operationId}`, {});
    port.propose(stepDraft(open, 'abort', port.schemaVersion));
  }

  #longDead(nowMs: number): HostId[] {
    const isLong = ([, sinceMs]: [HostId, number]): boolean => nowMs - sinceMs >= this.#joinTimeoutMs;
    return [...this.#deadSinceMs].filter(isLong).map(([hostId]) => hostId);
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
    return this.#ranked(state, port).indexOf(port.hostId);
  }

  /** Who leaves or is replaced comes last: whoever decides its `end` must be there afterwards to tell. */
  #ranked(state: RingState, port: Pick<OperationPort, 'hostId' | 'isAlive'>): HostId[] {
    const live = votersOf(state).filter((voter) => voter === port.hostId || port.isAlive(voter));
    const { members, operation } = state;
    const goes = (voter: HostId): boolean => members.get(voter)?.state === 'leaving' || operation?.replaces === voter;
    return live.sort((left, right) => Number(goes(left)) - Number(goes(right)) || (left < right ? -1 : 1));
  }
}

/** Until its first `switch`: then somebody may read by it. */
function isAbortable(open: OpenOperation, port: Pick<OperationPort, 'wentBack'>): boolean {
  return open.step === 'begin' && !port.wentBack(open);
}

function stepDraft(open: OpenOperation, kind: 'switch' | 'end' | 'abort', schemaVersion: string): RecordDraft {
  return draftOf({ kind, operationId: open.operationId, schemaVersion });
}
