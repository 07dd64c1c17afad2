import type { HostId } from '../base/id.ts';
import type { RecordSubject } from '../epoch/ring-record.ts';
import type { RingState } from '../epoch/ring-state.ts';
import type { Token } from '../token/token.ts';
import { ownedTokens } from './bootstrap.ts';
import type { JoinAnswer, JoinRequest } from './lifecycle-message.ts';
import { describeOpen } from './open-operation.ts';
import { assignTokens, type TokenPlaces } from './token-assignment.ts';

/** Joiners that ask within this time are taken into one `begin`. */
const gatherMs = 500;
/** A joiner repeats its request each second; one that has fallen silent wants to join no more. */
const requestLifeMs = 5_000;
/** At most this many joiners in one `begin`, so that a record stays small. */
const maxJoiners = 32;

interface WaitingJoiner {
  readonly request: JoinRequest;
  readonly askedMs: number;
}

/** Who is to be the subject of a `begin`, with its tokens. */
export interface Newcomer extends RecordSubject {
  /** False: also where ranges have too few live sources. */
  readonly strict: boolean;
}

export interface JoinQueuePort extends TokenPlaces {
  readonly hostId: HostId;
  isAlive(hostId: HostId): boolean;
  answer(joiner: HostId, answer: JoinAnswer): void;
  /** `gather` ends the gathering of joiners: `take` is then to be asked. */
  schedule(purpose: 'gather', delayMs: number): void;
}

/**
 * The joiners who wait at one voter, gathered into one `begin`. Nothing of it is kept: who still wants to join asks again,
 * here or at another voter.
 */
export class JoinQueue {
  readonly #waiting = new Map<HostId, WaitingJoiner>();
  #gatherUntilMs: number | null = null;

  /** Nobody waits. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Answers a request: gathered, waiting for the open operation, or refused and why. */
  requested(nowMs: number, joiner: HostId, request: JoinRequest, state: RingState, port: JoinQueuePort): void {
    const refusal = refusalOf(joiner, request, state, this.#waiting);
    if (refusal !== null) {
      this.#waiting.delete(joiner);
      port.answer(joiner, refusal);
      return;
    }
    const gathered = (reason: string): void =>
      port.answer(joiner, { kind: 'joinAnswer', outcome: 'gathered', reason, taken: [] });
    if (state.members.has(joiner)) return gathered(`named by the records at epoch ${state.epoch}`);
    this.#waiting.set(joiner, { request, askedMs: nowMs });
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

  /** Forgets who has become a member, and who asks no more. */
  prune(nowMs: number, state: RingState): void {
    for (const [joiner, { askedMs }] of this.#waiting) {
      if (state.members.has(joiner) || nowMs - askedMs > requestLifeMs) this.#waiting.delete(joiner);
    }
  }

  /**
   * The joiners of the next `begin` with their tokens, ascending by host id; they no longer wait then. Empty while others are
   * still gathered. Tokens that a joiner did not bring are chosen here, which is where all who join at once are known.
   */
  take(nowMs: number, state: RingState, port: JoinQueuePort): Newcomer[] {
    if (this.#gatherUntilMs !== null && nowMs < this.#gatherUntilMs) return [];
    this.#gatherUntilMs = null;
    const joiners = [...this.#waiting]
      .filter(([joiner, { request }]) => port.isAlive(joiner) && refusalOf(joiner, request, state, new Map()) === null)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .slice(0, maxJoiners)
      .map(([hostId, { request }]) => ({ hostId, tokens: request.tokens, count: request.count }));
    // Every voter looks twice a second, and to count who owns what takes as long as the ring is large.
    if (joiners.length === 0) return [];
    const newcomers = assignTokens(joiners, state, port).map((subject) => ({
      ...subject,
      strict: this.#waiting.get(subject.hostId)!.request.strict,
    }));
    for (const { hostId } of newcomers) this.#waiting.delete(hostId);
    return newcomers;
  }
}

function refusalOf(
  joiner: HostId,
  { tokens, count }: JoinRequest,
  state: RingState,
  waiting: ReadonlyMap<HostId, WaitingJoiner>,
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
  if (count === 0) return refused('a joiner needs at least one token');
  const owned = ownedTokens(state, joiner);
  for (const [other, { request }] of waiting) {
    if (other !== joiner) for (const token of request.tokens) owned.add(token);
  }
  const taken = tokens.filter((token) => owned.has(token));
  return taken.length > 0 ? refused(`${taken.length} tokens are taken`, taken) : null;
}
