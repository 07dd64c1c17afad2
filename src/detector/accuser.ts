import type { HostId } from '../base/id.ts';
import type { ClaimJudge } from './claim-judge.ts';
import { chooseConfirmers } from './confirmers.ts';
import type { Confirmed } from './detector-message.ts';
import type { Life } from './member-state.ts';
import type { ProbeLedger } from './probe-ledger.ts';
import type { SwimContext } from './swim-context.ts';

/** How many groups of confirmers are asked while a group says too little. */
const maxRounds = 2;
/** So many confirmers who agree are enough, whatever became of the words of the others. */
const enoughConfirmed = 2;
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
  readonly #ledger: ProbeLedger;
  readonly #accusations = new Map<number, Accusation>();

  constructor(context: SwimContext, judge: ClaimJudge, ledger: ProbeLedger) {
    this.#context = context;
    this.#judge = judge;
    this.#ledger = ledger;
  }

  /** A probe of this node, its helpers' and its stream's all failed. */
  accuse(suspect: HostId): void {
    const { table, health } = this.#context;
    const held = table.get(suspect);
    if (held === null) return;
    if (held.liveness === 'suspect') {
      if (!health.isSlow) this.#judge.confirm(suspect);
    } else if (held.liveness === 'alive' && !this.#isAccused(suspect)) {
      // When all others are dead, nobody could confirm.
      if (!this.#ask(suspect, held)) this.#judge.suspect(suspect, this.#context.hostId, []);
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

  /** Asks confirmers that were not asked before. False if there is nobody left. */
  #ask(suspect: HostId, life: Life, before?: Accusation): boolean {
    const { table, random, timings, health, probeTimeoutMs } = this.#context;
    const candidates = [...table.hosts()].filter(
      (hostId) => hostId !== suspect && !before?.asked.has(hostId) && table.liveness(hostId) === 'alive',
    );
    const chosen = chooseConfirmers(candidates, suspect, life, timings.confirmers);
    if (chosen.length === 0) return false;
    const number = random.uint32();
    this.#accusations.set(number, {
      suspect,
      life,
      round: (before?.round ?? 0) + 1,
      asked: new Set([...(before?.asked ?? []), ...chosen]),
      chosen: chosen.length,
      silent: new Set(chosen),
      confirmed: before?.confirmed ?? [],
    });
    const { generation, incarnation } = life;
    for (const hostId of chosen) {
      this.#context.send(hostId, { kind: 'confirm', probe: number, hostId: suspect, generation, incarnation });
    }
    // Meanwhile the accuser tries on: an ack acquits.
    this.#ledger.send(suspect);
    const waitMs = Math.max(timings.confirmTimeoutMs * health.multiplier, 3 * probeTimeoutMs);
    this.#context.schedule({ kind: 'accusation', number }, waitMs);
    return true;
  }

  #decide(number: number, accusation: Accusation): void {
    this.#accusations.delete(number);
    const { suspect, confirmed, life } = accusation;
    if (isThin(accusation) && this.#ask(suspect, life, accusation)) return;
    const [first, ...others] = confirmed;
    if (first === undefined) this.#unheard(accusation);
    // A slow node's own word does not count.
    else if (this.#context.health.isSlow) this.#judge.suspect(suspect, first, others);
    else this.#judge.suspect(suspect, this.#context.hostId, confirmed);
  }

  /** Nobody confirmed. In the smallest clusters there may be nobody who could. */
  #unheard({ suspect, chosen, silent }: Accusation): void {
    const { table, hostId } = this.#context;
    if (table.size <= fewOthers && silent.size === chosen) this.#judge.suspect(suspect, hostId, []);
    else this.#context.found(suspect, { kind: 'unconfirmed' });
  }
}

/** One confirms and others are silent, or all are: where words get lost, those that came say too little. */
function isThin({ round, silent, chosen, confirmed }: Accusation): boolean {
  if (round === maxRounds || silent.size === 0 || confirmed.length >= enoughConfirmed) return false;
  return confirmed.length > 0 || silent.size === chosen;
}
