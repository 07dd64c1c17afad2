import type { HostId } from '../base/id.ts';
import type { RingState } from '../epoch/ring-state.ts';
import type { Newcomer } from './join-queue.ts';
import type { JoinAnswer, ReplaceRequest } from './lifecycle-message.ts';
import { describeOpen } from './open-operation.ts';

/** A newcomer repeats its request each second; one that has fallen silent wants to replace nobody any more. */
const requestLifeMs = 5_000;

/** Who takes whose place, with the tokens that come with it. */
export interface Replacement extends Newcomer {
  readonly replaces: HostId;
}

export interface ReplaceQueuePort {
  liveness(hostId: HostId): 'alive' | 'suspect' | 'dead';
  answer(newcomer: HostId, answer: JoinAnswer): void;
}

/** The newcomers who wait at one voter to take a dead member's place, one `begin` each. They ask again, here or elsewhere. */
export class ReplaceQueue {
  readonly #waiting = new Map<HostId, { readonly request: ReplaceRequest; readonly askedMs: number }>();

  /** Nobody waits. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Answers a request: gathered, waiting and for what, or refused and why. */
  requested(nowMs: number, newcomer: HostId, request: ReplaceRequest, state: RingState, port: ReplaceQueuePort): void {
    const { replaces } = request;
    const say = (outcome: JoinAnswer['outcome'], reason: string): void =>
      port.answer(newcomer, { kind: 'joinAnswer', outcome, reason, taken: [] });
    this.#waiting.delete(newcomer);
    if (state.members.has(newcomer)) return say('gathered', `named by the records at epoch ${state.epoch}`);
    const refusal = refusalOf(newcomer, replaces, state, port);
    if (refusal !== null) return say('refused', refusal);
    const open = state.operation;
    if (open !== null) return say('waiting', describeOpen(open));
    if (port.liveness(replaces) === 'suspect') return say('waiting', `${replaces} is suspect, and not dead yet`);
    this.#waiting.set(newcomer, { request, askedMs: nowMs });
    say('gathered', `it will replace ${replaces} by the record of epoch ${state.epoch + 1}`);
  }

  /** The next one to begin with, which then no longer waits; null if there is none. */
  take(nowMs: number, state: RingState, port: ReplaceQueuePort): Replacement | null {
    for (const [hostId, { request, askedMs }] of [...this.#waiting].sort(([left], [right]) =>
      left < right ? -1 : 1,
    )) {
      const { replaces, strict } = request;
      this.#waiting.delete(hostId);
      if (nowMs - askedMs > requestLifeMs || state.members.has(hostId)) continue;
      const target = state.members.get(replaces);
      if (target === undefined || refusalOf(hostId, replaces, state, port) !== null) continue;
      return { hostId, replaces, tokens: target.tokens, strict };
    }
    return null;
  }
}

function refusalOf(newcomer: HostId, replaces: HostId, state: RingState, port: ReplaceQueuePort): string | null {
  const removedAt = state.removed.get(newcomer) ?? null;
  if (removedAt !== null) return `this host id was removed at epoch ${removedAt}`;
  const targetRemovedAt = state.removed.get(replaces);
  if (targetRemovedAt !== undefined) return `${replaces} was removed at epoch ${targetRemovedAt}, its tokens are gone`;
  const target = state.members.get(replaces);
  if (target === undefined) return `${replaces} is no member of the ring, there is nothing to replace`;
  if (state.operation === null && target.state !== 'normal') return `${replaces} is ${target.state}, expected normal`;
  return port.liveness(replaces) === 'alive' ? `${replaces} is alive: stop it first, or decommission it` : null;
}
