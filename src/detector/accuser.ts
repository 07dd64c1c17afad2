import type { HostId } from '../base/id.ts';
import { secondMs } from '../base/time.ts';
import type { ClaimJudge } from './claim-judge.ts';
import { chooseConfirmers } from './confirmers.ts';
import type { Confirmed } from './detector-message.ts';
import { isNewerLife, type Life } from './member-state.ts';
import type { ProbeLedger } from './probe-ledger.ts';
import type { SwimContext } from './swim-context.ts';

/** How many groups of confirmers are asked while a group says too little. */
const maxRounds = 2;
/** So many confirmers who agree are enough, whatever became of the words of the others. */
const enoughConfirmed = 2;
/** Confirmers that had their time and said nothing may still confirm for so long: they may be slow, or the way to them. */
const lateMs = 15 * secondMs;
/** Up to this many other members an accuser may convict alone: in clusters of two and three. */
const fewOthers = 2;

/** A suspicion that only its confirmers know of. */
interface Accusation {
  readonly suspect: HostId;
  readonly life: Life;
  round: number;
  /** Everybody asked so far, in all rounds; and how many of them in this one. */
  readonly asked: Set<HostId>;
  chosen: number;
  /** Those of this round who have not answered, and those of the rounds before. */
  silent: Set<HostId>;
  readonly late: Set<HostId>;
  readonly confirmed: HostId[];
  /** All had their time, and nobody confirmed: now one late word is enough. */
  overdue: boolean;
  /** The mark of the timer that counts. */
  wait: number;
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
      const { generation, incarnation } = held;
      const accusation: Accusation = {
        suspect,
        life: { generation, incarnation },
        round: 0,
        asked: new Set(),
        chosen: 0,
        silent: new Set(),
        late: new Set(),
        confirmed: [],
        overdue: false,
        wait: 0,
      };
      // When all others are dead, nobody could confirm.
      if (!this.#ask(this.#context.random.uint32(), accusation)) this.#judge.suspect(suspect, this.#context.hostId, []);
    }
  }

  /** A confirmer answered. The life that it found alive, if it did. */
  answered(from: HostId, answer: Confirmed): { readonly suspect: HostId; readonly life: Life } | null {
    const accusation = this.#accusations.get(answer.probe);
    if (accusation === undefined) return null;
    const { suspect, silent, late, overdue } = accusation;
    if (!silent.delete(from) && !late.delete(from)) return null;
    this.#context.found(suspect, { atMs: this.#context.wallMs, kind: 'confirmed', by: from, verdict: answer.verdict });
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
    if (overdue ? accusation.confirmed.length > 0 : silent.size === 0) this.#decide(answer.probe, accusation);
    return null;
  }

  /** Confirmers had their time, unless `wait` is over already, since all had answered. */
  due(number: number, wait: number): void {
    const accusation = this.#accusations.get(number);
    if (accusation?.wait !== wait) return;
    if (accusation.overdue) this.#accusations.delete(number);
    else this.#decide(number, accusation);
  }

  /** The suspect itself answered, late or through somebody: no accusation of it stands any more. */
  acquit(suspect: HostId): void {
    for (const [number, accusation] of this.#accusations) {
      if (accusation.suspect === suspect) this.#accusations.delete(number);
    }
  }

  #isAccused(suspect: HostId): boolean {
    for (const accusation of this.#accusations.values()) {
      if (accusation.suspect === suspect && !accusation.overdue) return true;
    }
    return false;
  }

  /** Asks confirmers that were not asked before. False if there is nobody left. */
  #ask(number: number, accusation: Accusation): boolean {
    const { table, timings, roundTrip } = this.#context;
    const { suspect, life, asked, silent, late } = accusation;
    const candidates = [...table.hosts()].filter(
      (hostId) => hostId !== suspect && !asked.has(hostId) && table.liveness(hostId) === 'alive',
    );
    const chosen = chooseConfirmers(candidates, suspect, life, timings.confirmers);
    if (chosen.length === 0) return false;
    accusation.round++;
    accusation.chosen = chosen.length;
    for (const hostId of silent) late.add(hostId);
    accusation.silent = new Set(chosen);
    this.#accusations.set(number, accusation);
    for (const hostId of chosen) {
      asked.add(hostId);
      this.#context.send(hostId, { kind: 'confirm', probe: number, hostId: suspect, ...life });
    }
    // Meanwhile the accuser tries on: an ack acquits.
    this.#ledger.send(suspect);
    const waitMs = this.#context.stretchedMs(Math.max(timings.confirmTimeoutMs, 3 * roundTrip.timeoutMs));
    this.#wait(number, accusation, waitMs);
    return true;
  }

  #wait(number: number, accusation: Accusation, waitMs: number): void {
    this.#context.schedule({ kind: 'accusation', number, wait: ++accusation.wait }, waitMs);
  }

  #decide(number: number, accusation: Accusation): void {
    const { table, hostId, health } = this.#context;
    const { suspect, confirmed, life } = accusation;
    const held = table.get(suspect);
    if (held !== null && isNewerLife(held, life)) {
      // Whatever was found of the life before.
      this.#accusations.delete(number);
      return;
    }
    if (isThin(accusation) && this.#ask(number, accusation)) return;
    const [first, ...others] = confirmed;
    if (first === undefined) return this.#unheard(number, accusation);
    this.#accusations.delete(number);
    // A slow node's own word does not count.
    if (health.isSlow) this.#judge.suspect(suspect, first, others);
    else this.#judge.suspect(suspect, hostId, confirmed);
  }

  /** Nobody confirmed so far. In the smallest clusters there may be nobody who could. */
  #unheard(number: number, accusation: Accusation): void {
    const { table, hostId } = this.#context;
    const { suspect, chosen, silent } = accusation;
    if (table.size <= fewOthers && silent.size === chosen) {
      this.#accusations.delete(number);
      return this.#judge.suspect(suspect, hostId, []);
    }
    accusation.overdue = true;
    this.#wait(number, accusation, lateMs);
    this.#context.found(suspect, { atMs: this.#context.wallMs, kind: 'unconfirmed' });
  }
}

/** One confirms and others are silent, or all are: where words get lost, those that came say too little. */
function isThin({ round, silent, chosen, confirmed, overdue }: Accusation): boolean {
  if (overdue || round === maxRounds || silent.size === 0 || confirmed.length >= enoughConfirmed) return false;
  return confirmed.length > 0 || silent.size === chosen;
}
