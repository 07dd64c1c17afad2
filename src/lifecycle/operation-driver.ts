import { RingError } from '../base/error.ts';
import { type HostId, randomUuid } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { RecordDraft } from '../epoch/epoch-register.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';
import { isVoter, type RingState, votersOf } from '../epoch/ring-state.ts';
import type { Token } from '../token/token.ts';
import { ownedTokens } from './bootstrap.ts';
import type { LifecycleLog } from './lifecycle-log.ts';
import type { JoinAnswer } from './lifecycle-message.ts';

/** Joiners that ask within this time are taken into one `begin`. */
const gatherMs = 500;
/** How often a voter looks whether the open operation can go on. */
const lookMs = 500;
/** A voter of rank r (by host id among the live) waits r times this before it steps in for the one before. */
const rankPatienceMs = 2_000;
/** At most this many joiners in one `begin`, so that a record stays small. */
const maxJoiners = 32;

export interface OperationPort extends LifecycleLog {
  readonly hostId: HostId;
  readonly schemaVersion: string;
  isAlive(hostId: HostId): boolean;
  /** True while this node may not propose: it is forked, or its own proposal is under way. */
  readonly busy: boolean;
  /** The proposal's id. */
  propose(draft: RecordDraft): number;
  withdraw(proposal: number): void;
  answer(joiner: HostId, answer: JoinAnswer): void;
  /** Comes back as `timer`. `look` is periodic, `gather` ends the gathering of joiners. */
  schedule(purpose: OperationTimer, delayMs: number): void;
}

export type OperationTimer = 'look' | 'gather';

/**
 * The voters' side of an operation: gathers joiners into one `begin`, proposes each next step, and ends what hangs. Every
 * voter runs it; the lowest live one acts at once, the others only when it is silent, and the register makes doubles
 * harmless. Nothing is kept here that the records do not say, but the joiners who wait: they ask again.
 *
 * (The barriers between the steps come with range movements; until then a step follows the one before at once.)
 */
export class OperationDriver {
  readonly #random: Random;
  readonly #joinTimeoutMs: number;
  readonly #waiting = new Map<HostId, readonly Token[]>();
  /** Since when a subject of the open operation has not been alive; absent while it is. */
  readonly #deadSinceMs = new Map<HostId, number>();
  #gatherUntilMs: number | null = null;
  #stepSinceMs = 0;
  /** The `switch` this node proposed last, while its epoch is open: withdrawn when the joiners turn out to be dead. */
  #switching: number | null = null;
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

  joinRequested(nowMs: number, joiner: HostId, tokens: readonly Token[], state: RingState, port: OperationPort): void {
    const refusal = refusalOf(joiner, tokens, state, this.#waiting);
    if (refusal !== null) {
      this.#waiting.delete(joiner);
      port.answer(joiner, refusal);
      return;
    }
    const gathered = (reason: string): void =>
      port.answer(joiner, { kind: 'joinAnswer', outcome: 'gathered', reason, taken: [] });
    if (state.members.has(joiner)) return gathered(`named by the records at epoch ${state.epoch}`);
    this.#waiting.set(joiner, tokens);
    const open = state.operation;
    if (open !== null) {
      port.answer(joiner, { kind: 'joinAnswer', outcome: 'waiting', reason: describeOpen(open), taken: [] });
      return;
    }
    gathered(`gathered by ${port.hostId} for the record of epoch ${state.epoch + 1}`);
    if (this.#gatherUntilMs === null) {
      this.#gatherUntilMs = nowMs + gatherMs;
      port.schedule('gather', gatherMs);
    }
  }

  /** Looks what can be proposed now: called by the timer, and at once after every decided record. */
  look(nowMs: number, state: RingState, port: OperationPort): void {
    if (state.epoch !== this.#seenEpoch) {
      this.#seenEpoch = state.epoch;
      this.#stepSinceMs = nowMs;
      this.#switching = null;
    }
    for (const joiner of this.#waiting.keys()) if (state.members.has(joiner)) this.#waiting.delete(joiner);
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
   * Errors: UNKNOWN_OPERATION, REFUSED. Changes nothing.
   */
  abortDraft(operationId: string, state: RingState, schemaVersion: string): RecordDraft {
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
    return stepDraft(open, open.step === 'switch' ? 'end' : 'abort', schemaVersion);
  }

  #watchSubjects(nowMs: number, open: OpenOperation, port: OperationPort): void {
    for (const { hostId } of open.subjects) {
      if (port.isAlive(hostId)) this.#deadSinceMs.delete(hostId);
      else if (!this.#deadSinceMs.has(hostId)) this.#deadSinceMs.set(hostId, nowMs);
    }
  }

  #beginWaiting(nowMs: number, state: RingState, port: OperationPort): void {
    if (this.#gatherUntilMs !== null && nowMs < this.#gatherUntilMs) return;
    this.#gatherUntilMs = null;
    const subjects = [...this.#waiting]
      .filter(([joiner, tokens]) => port.isAlive(joiner) && refusalOf(joiner, tokens, state, new Map()) === null)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .slice(0, maxJoiners)
      .map(([hostId, tokens]) => ({ hostId, tokens }));
    if (subjects.length === 0) return;
    for (const { hostId } of subjects) this.#waiting.delete(hostId);
    port.propose({
      kind: 'begin',
      operationId: randomUuid(this.#random),
      operation: 'bootstrap',
      subjects,
      replaces: null,
      schemaVersion: port.schemaVersion,
      found: null,
      alter: null,
    });
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

  /** A `switch` that no majority has taken yet must not come through once its joiners are long dead. */
  #withdrawHopeless(nowMs: number, port: OperationPort): void {
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

/** The open operation in one sentence, for whoever has to wait for it. */
export function describeOpen(open: OpenOperation): string {
  const names = open.subjects.map((subject) => subject.hostId).join(', ');
  return `waiting for the open ${open.kind} ${open.operationId} of ${names}, at ${open.step} since epoch ${open.stepEpoch}`;
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

function refusalOf(
  joiner: HostId,
  tokens: readonly Token[],
  state: RingState,
  waiting: ReadonlyMap<HostId, readonly Token[]>,
): JoinAnswer | null {
  const refused = (reason: string, taken: readonly Token[] = []): JoinAnswer => ({
    kind: 'joinAnswer',
    outcome: 'refused',
    reason,
    taken,
  });
  const removedAt = state.removed.get(joiner);
  if (removedAt !== undefined) return refused(`this host id was removed at epoch ${removedAt}`);
  if (state.members.has(joiner)) return null;
  if (tokens.length === 0) return refused('a joiner needs at least one token');
  const owned = ownedTokens(state, joiner);
  for (const [other, theirs] of waiting) if (other !== joiner) for (const token of theirs) owned.add(token);
  const taken = tokens.filter((token) => owned.has(token));
  return taken.length > 0 ? refused(`${taken.length} tokens are taken`, taken) : null;
}
