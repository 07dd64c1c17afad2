import type { HostId } from '../base/id.ts';
import type { ClaimJudge } from './claim-judge.ts';
import { chooseConfirmers } from './confirmers.ts';
import type { Confirmed } from './detector-message.ts';
import type { Life } from './member-state.ts';
import type { SwimContext } from './swim-context.ts';

/** How many groups of confirmers are asked while none of a group says anything. */
const maxRounds = 2;
/** Up to this many other members an accuser may convict alone: in clusters of two and three. */
const fewOthers = 2;

/** A suspicion that only its confirmers know of. */
interface Accusation {
  readonly suspect: HostId;
  readonly life: Life;
  readonly round: number;
  /** Everybody asked so far, in all rounds; and how many of them in this one. */
  readonly asked: ReadonlySet<HostId>;
  readonly chosen: number;
  /** Those of this round who have not answered. */
  readonly silent: Set<HostId>;
  readonly confirmed: HostId[];
}

/**
 * Confirms before it tells (design section 5): a suspicion goes to c confirmers alone, who probe at once. One who finds
 * the suspect alive ends it, and nobody else hears of it; it takes one who does not to make it a claim.
 */
export class Accuser {
  readonly #context: SwimContext;
  readonly #judge: ClaimJudge;
  readonly #accusations = new Map<number, Accusation>();

  constructor(context: SwimContext, judge: ClaimJudge) {
    this.#context = context;
    this.#judge = judge;
  }

  /** A probe of this node, its helpers' and its stream's all failed. */
  accuse(suspect: HostId): void {
    const { table, health } = this.#context;
    const held = table.get(suspect);
    if (held === null) return;
    if (held.liveness === 'suspect') {
      if (!health.isSlow) this.#judge.confirm(suspect);
    } else if (held.liveness === 'alive' && !this.#isAccused(suspect)) {
      this.#ask(suspect, held, 1, new Set());
    }
  }

  /** A confirmer answered. The life that it found alive, if it did. */
  answered(from: HostId, answer: Confirmed): { readonly suspect: HostId; readonly life: Life } | null {
    const accusation = this.#accusations.get(answer.probe);
    if (accusation === undefined || !accusation.silent.delete(from)) return null;
    const { suspect } = accusation;
    this.#context.found(suspect, { kind: 'confirmed', by: from, verdict: answer.verdict });
    switch (answer.verdict) {
      case 'alive':
        this.#accusations.delete(answer.probe);
        return { suspect, life: { generation: answer.generation, incarnation: answer.incarnation } };
      case 'unreachable':
        accusation.confirmed.push(from);
        break;
      case 'unsure':
        break;
    }
    if (accusation.silent.size === 0) this.#decide(answer.probe, accusation);
    return null;
  }

  /** Confirmers had their time. */
  due(number: number): void {
    const accusation = this.#accusations.get(number);
    if (accusation !== undefined) this.#decide(number, accusation);
  }

  /** The suspect itself answered, late or through somebody: no accusation of it stands any more. */
  acquit(suspect: HostId): void {
    for (const [number, accusation] of this.#accusations) {
      if (accusation.suspect === suspect) this.#accusations.delete(number);
    }
  }

  #isAccused(suspect: HostId): boolean {
    for (const accusation of this.#accusations.values()) if (accusation.suspect === suspect) return true;
    return false;
  }

  #ask(suspect: HostId, life: Life, round: number, before: ReadonlySet<HostId>): void {
    const { table, random, timings, health, probeTimeoutMs } = this.#context;
    const candidates = [...table.hosts()].filter(
      (hostId) => hostId !== suspect && !before.has(hostId) && table.liveness(hostId) === 'alive',
    );
    const chosen = chooseConfirmers(candidates, suspect, life, timings.confirmers);
    const number = random.uint32();
    const accusation: Accusation = {
      suspect,
      life,
      round,
      asked: new Set([...before, ...chosen]),
      chosen: chosen.length,
      silent: new Set(chosen),
      confirmed: [],
    };
    if (chosen.length === 0) return this.#unheard(accusation);
    this.#accusations.set(number, accusation);
    const { generation, incarnation } = life;
    for (const hostId of chosen) {
      this.#context.send(hostId, { kind: 'confirm', probe: number, hostId: suspect, generation, incarnation });
    }
    const waitMs = Math.max(timings.confirmTimeoutMs * health.multiplier, 3 * probeTimeoutMs);
    this.#context.schedule({ kind: 'accusation', number }, waitMs);
  }

  #decide(number: number, accusation: Accusation): void {
    this.#accusations.delete(number);
    const { suspect, confirmed, silent, chosen, asked, life, round } = accusation;
    const [first, ...others] = confirmed;
    if (first !== undefined) {
      // A slow node's own word does not count.
      if (this.#context.health.isSlow) this.#judge.suspect(suspect, first, others);
      else this.#judge.suspect(suspect, this.#context.hostId, confirmed);
    } else if (silent.size === chosen && round < maxRounds) this.#ask(suspect, life, round + 1, asked);
    else this.#unheard(accusation);
  }

  /** Nobody confirmed. In the smallest clusters, and when all others are dead, there may be nobody who could. */
  #unheard({ suspect, asked, chosen, silent }: Accusation): void {
    const { table, hostId } = this.#context;
    const alone = asked.size === 0 || (table.size <= fewOthers && silent.size === chosen);
    if (alone) this.#judge.suspect(suspect, hostId, []);
    else this.#context.found(suspect, { kind: 'unconfirmed' });
  }
}
