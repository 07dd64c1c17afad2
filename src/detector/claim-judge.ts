import type { HostId } from '../base/id.ts';
import type { LivenessClaim } from './liveness-claim.ts';
import { compareMemberStates, isNewerLife, type Life, type MemberState, overrides } from './member-state.ts';
import { Suspicion } from './suspicion.ts';
import type { SwimContext } from './swim-context.ts';

/** How often a suspect is asked before it is dead: by its accuser alone; by others, and its witnesses with it. */
const maxAskings = 2;

/**
 * Decides which claim about each other host stands, tells what is news, and turns a suspicion that nobody refuted into
 * a death (SWIM section 4.2, Lifeguard section III.B). `askAgain` sends a host that answered, but is not held for alive,
 * what is said of it.
 */
export class ClaimJudge {
  readonly #context: SwimContext;
  readonly #askAgain: (hostId: HostId) => void;
  /** Who stands behind the claims that are not alive. */
  readonly #grounds = new Map<HostId, Suspicion>();
  /** The claims "dead" that stand; null since one of them moved. */
  #deadClaims: LivenessClaim[] | null = null;

  constructor(context: SwimContext, askAgain: (hostId: HostId) => void) {
    this.#context = context;
    this.#askAgain = askAgain;
  }

  /** The claim that stands about a host, if it is not alive. */
  claimOf(hostId: HostId): LivenessClaim | null {
    const { table } = this.#context;
    if (!table.isDoubted(hostId)) return null;
    const { generation, incarnation, liveness, left } = table.get(hostId)!;
    const { accuser = null, confirmers = nobody } = this.#grounds.get(hostId) ?? {};
    return told({ hostId, generation, incarnation, liveness, accuser, confirmers, left });
  }

  /** The claims "dead" that stand: the same list until one of them moves. */
  deadClaims(): readonly LivenessClaim[] {
    if (this.#deadClaims !== null) return this.#deadClaims;
    const claims: LivenessClaim[] = [];
    for (const hostId of this.#grounds.keys()) {
      const claim = this.claimOf(hostId);
      if (claim?.liveness === 'dead') claims.push(claim);
    }
    this.#deadClaims = claims;
    return claims;
  }

  /**
   * A claim about another host came from somebody. A host never heard of is left to gossip. Returns what stands here
   * instead of a claim that came in an exchange, if that overrides it.
   */
  heard(claim: LivenessClaim, via: 'rumor' | 'exchange'): LivenessClaim | null {
    const { hostId } = claim;
    const held = this.#context.table.get(hostId);
    if (held === null || this.#context.isAbsurd(claim.generation, held.generation)) return null;
    const sameLife = !isNewerLife(claim, held) && !isNewerLife(held, claim);
    if (via === 'exchange' && claim.liveness === 'dead' && !claim.left && sameLife && !this.#hadTime(hostId)) {
      // It may be as old as a partition: the host itself is asked before it is believed, and nobody else hears of it.
      if (held.liveness === 'alive') {
        this.#stand({ ...claim, liveness: 'suspect', confirmers: [] }, false);
        this.#askAgain(hostId);
      }
      return null;
    }
    if (overrides(claim, held)) this.#stand(claim);
    else if (claim.liveness === 'suspect' && compareMemberStates(claim, held) === 0) {
      this.#confirmedBy(hostId, claim.accuser === null ? claim.confirmers : [claim.accuser, ...claim.confirmers]);
    } else if (via === 'exchange' && overrides(held, claim)) {
      return this.claimOf(hostId) ?? { hostId, ...held, accuser: null, confirmers: [] };
    }
    return null;
  }

  /** Accuses a host that is alive so far; `confirmers` found the same. */
  suspect(hostId: HostId, accuser: HostId, confirmers: readonly HostId[]): void {
    const held = this.#context.table.get(hostId);
    if (held?.liveness !== 'alive') return;
    this.#stand({ hostId, ...held, liveness: 'suspect', accuser, confirmers });
    this.#askAgain(hostId);
  }

  /** This node found by itself that a suspect does not answer. */
  confirm(hostId: HostId): void {
    this.#confirmedBy(hostId, [this.#context.hostId]);
  }

  /** A host answered, directly or through another: proof that this life of it is alive. */
  answered(hostId: HostId, life: Life): void {
    const { table } = this.#context;
    const held = table.get(hostId);
    if (held === null || this.#context.isAbsurd(life.generation, held.generation)) return;
    if (held.left ? life.generation > held.generation : isNewerLife(life, held)) {
      const { generation, incarnation } = life;
      const alive: MemberState = { generation, incarnation, liveness: 'alive', left: false };
      if (held.liveness === 'alive') this.#set(hostId, alive);
      else this.#stand({ hostId, ...alive, accuser: null, confirmers: [] });
    } else if (held.liveness === 'alive' && table.liveness(hostId) === 'dead') this.#set(hostId, held);
  }

  /** A host is alive in this generation, by gossip, which refuses absurd ones: another process, or the first heard of. */
  appeared(hostId: HostId, generation: number, proven = true): void {
    const held = this.#context.table.get(hostId);
    if (held !== null && held.generation >= generation) return;
    this.#set(hostId, { generation, incarnation: 0, liveness: 'alive', left: false }, proven);
  }

  /** The host said goodbye. */
  left(hostId: HostId, generation: number): void {
    const held = this.#context.table.get(hostId);
    const state: MemberState = { generation, incarnation: held?.incarnation ?? 0, liveness: 'dead', left: true };
    if (overrides(state, held)) this.#stand({ hostId, ...state, accuser: hostId, confirmers: [] });
  }

  forget(hostId: HostId): void {
    this.#deadClaims = null;
    this.#grounds.delete(hostId);
    this.#context.table.delete(hostId);
  }

  /** The time to refute is over, if this is the suspicion that it was given for. */
  verdict(hostId: HostId, startedMs: number, asked: number): void {
    const grounds = this.#grounds.get(hostId);
    const held = this.#context.table.get(hostId);
    if (grounds?.startedMs !== startedMs || held?.liveness !== 'suspect') return;
    const waitMs = this.#askFirst(hostId, grounds, asked);
    if (waitMs > 0) {
      this.#context.schedule({ kind: 'verdict', hostId, startedMs, asked: asked + 1 }, waitMs);
      return;
    }
    this.#stand({
      hostId,
      ...held,
      liveness: 'dead',
      accuser: grounds.accuser,
      confirmers: grounds.confirmers,
    });
  }

  /** Takes a claim that overrides what is held, and tells it. */
  #stand(claim: LivenessClaim, tells = true): void {
    const { hostId, generation, incarnation, liveness, accuser, confirmers, left } = claim;
    const context = this.#context;
    const before = context.table.get(hostId);
    this.#set(hostId, { generation, incarnation, liveness, left });
    if (liveness === 'alive') {
      if (before?.liveness !== 'alive') context.found(hostId, { atMs: context.wallMs, kind: 'refuted', incarnation });
    } else {
      const grounds = new Suspicion(context.nowMs, accuser ?? hostId, confirmers);
      if (before?.liveness === 'suspect' && !isNewerLife(claim, before)) {
        grounds.confirm(this.#grounds.get(hostId)?.confirmers ?? []);
      }
      this.#grounds.set(hostId, grounds);
      this.#deadClaims = null;
      context.found(
        hostId,
        left
          ? { atMs: context.wallMs, kind: 'left' }
          : { atMs: context.wallMs, kind: liveness, accuser, confirmers: grounds.confirmers, incarnation },
      );
      if (liveness === 'suspect') this.#giveTime(hostId, grounds);
      else if (!left) context.fastUntilMs = context.nowMs + context.timings.fastForMs;
    }
    if (tells) context.effects.tell(told(claim));
  }

  /** Something is claimed of it, and it was not refuted as soon as an answer takes: after a split all say the same at once. */
  #hadTime(hostId: HostId): boolean {
    const { nowMs, probeTimeoutMs } = this.#context;
    const grounds = this.#grounds.get(hostId);
    return grounds !== undefined && nowMs - grounds.startedMs >= probeTimeoutMs;
  }

  #confirmedBy(hostId: HostId, confirmers: readonly HostId[]): void {
    const grounds = this.#grounds.get(hostId);
    if (grounds === undefined || this.#context.table.get(hostId)?.liveness !== 'suspect') return;
    if (!grounds.confirm(confirmers)) return;
    this.#giveTime(hostId, grounds);
    this.#context.effects.tell(this.claimOf(hostId)!);
  }

  #giveTime(hostId: HostId, grounds: Suspicion): void {
    const leftMs = Math.max(0, this.#deadlineMs(grounds) - this.#context.nowMs);
    const delayMs = grounds.accuser === this.#context.hostId ? leftMs / (maxAskings + 1) : leftMs;
    this.#context.schedule({ kind: 'verdict', hostId, startedMs: grounds.startedMs, asked: 0 }, delayMs);
  }

  /**
   * Gives a suspect its chances, and says how long to wait for the next one; 0 when it has had them all. The accuser asks
   * it while its time runs, everybody else, who may have missed its refutation, the witnesses too when it is over.
   */
  #askFirst(hostId: HostId, grounds: Suspicion, asked: number): number {
    const leftMs = this.#deadlineMs(grounds) - this.#context.nowMs;
    if (grounds.accuser === this.#context.hostId) {
      // A timer may fire a trifle early.
      if (leftMs <= 1) return 0;
      if (asked < maxAskings) this.#askAgain(hostId);
      return leftMs / Math.max(1, maxAskings - asked);
    }
    if (asked === 0 && leftMs > 1) return leftMs;
    if (asked > maxAskings) return 0;
    this.#askWitnesses(hostId, grounds);
    return this.#context.timings.verdictGraceMs;
  }

  /** Whoever knows better answers: the witnesses with what stands there, the suspect with its refutation. */
  #askWitnesses(hostId: HostId, grounds: Suspicion): void {
    this.#askAgain(hostId);
    const claim = this.claimOf(hostId)!;
    for (const witness of [grounds.accuser, ...grounds.confirmers]) {
      if (witness === this.#context.hostId) continue;
      this.#context.effects.send(witness, { kind: 'claims', claims: [claim] }, 'datagram');
    }
  }

  #deadlineMs(grounds: Suspicion): number {
    const { timings, table, hostId } = this.#context;
    // The suspect, its accuser and the dead confirm nothing; of the table only this node is missing.
    const others = table.size - table.deadCount - 1;
    const graceMs = grounds.accuser === hostId ? 0 : timings.verdictGraceMs;
    return graceMs + grounds.deadlineMs(timings.minSuspicionMs, timings.maxSuspicionMs, others);
  }

  #set(hostId: HostId, state: MemberState, proven = true): void {
    const context = this.#context;
    const before = context.liveness(hostId);
    const known = context.table.has(hostId);
    context.table.set(hostId, state, proven);
    this.#deadClaims = null;
    if (state.liveness === 'alive') this.#grounds.delete(hostId);
    context.effects.deadClaim(hostId, state.liveness === 'dead' ? state.generation : null);
    const after = context.liveness(hostId);
    if (after !== before || (!known && after === 'alive')) context.effects.changed(hostId, after);
  }
}

/**
 * `dead` is told without its confirmers, who were told with the suspicion: where many die at once the claims are half as
 * long, and reach everybody in half the time.
 */
function told(claim: LivenessClaim): LivenessClaim {
  if (claim.liveness !== 'dead' || claim.confirmers.length === 0) return claim;
  const { hostId, generation, incarnation, liveness, accuser, left } = claim;
  return { hostId, generation, incarnation, liveness, accuser, confirmers: nobody, left };
}

const nobody: readonly HostId[] = [];
