import type { HostId } from '../base/id.ts';
import type { Confirm, ConfirmVerdict } from './detector-message.ts';
import { isNewerLife, type Life } from './member-state.ts';
import type { ProbeLedger } from './probe-ledger.ts';
import type { SelfLife } from './self-life.ts';
import type { SwimContext } from './swim-context.ts';

/** How many suspects a node looks into at once; more are left to other confirmers. */
const maxDuties = 64;
/** How often it probes each, and how many probe timeouts that takes in all. */
const maxTries = 3;
const timeouts = 2;

/** A suspect that this node looks into. */
interface Duty {
  readonly suspect: HostId;
  readonly life: Life;
  readonly askers: { readonly hostId: HostId; readonly probe: number }[];
  readonly sinceMs: number;
  tries: number;
}

/**
 * Looks into suspicions of others: probes at once, three times, the second by stream too, and says what it found. A node
 * that is slow itself takes its time, and its word counts if others answered it meanwhile: where all are slow, as on a
 * network that is late for everybody, nobody would ever be convicted otherwise.
 */
export class Confirmer {
  readonly #context: SwimContext;
  readonly #ledger: ProbeLedger;
  readonly #self: SelfLife;
  readonly #duties = new Map<number, Duty>();

  constructor(context: SwimContext, ledger: ProbeLedger, self: SelfLife) {
    this.#context = context;
    this.#ledger = ledger;
    this.#self = self;
  }

  asked(from: HostId, { probe, hostId: suspect, generation, incarnation }: Confirm): void {
    const { table } = this.#context;
    const asked = { generation, incarnation };
    if (suspect === this.#context.hostId) return this.#answer(from, probe, 'alive', this.#self);
    const held = table.get(suspect);
    if (held === null) return;
    if (held.liveness === 'alive' && isNewerLife(held, asked)) return this.#answer(from, probe, 'alive', held);
    if (held.liveness === 'dead' && !isNewerLife(asked, held)) return this.#answer(from, probe, 'unreachable', asked);
    for (const duty of this.#duties.values()) {
      if (duty.suspect !== suspect || isNewerLife(duty.life, asked) || isNewerLife(asked, duty.life)) continue;
      duty.askers.push({ hostId: from, probe });
      return;
    }
    if (this.#duties.size >= maxDuties) return;
    const number = this.#ledger.send(suspect);
    const { nowMs: sinceMs } = this.#context;
    this.#duties.set(number, { suspect, life: asked, askers: [{ hostId: from, probe }], sinceMs, tries: 1 });
    this.#wait(number);
  }

  acked(number: number, life: Life): void {
    this.#end(number, 'alive', life);
  }

  /** The probe was not answered in time: once more, or that is the answer. */
  due(number: number): void {
    const duty = this.#duties.get(number);
    if (duty === undefined) return;
    if (duty.tries === maxTries) {
      const { health, ackedMs } = this.#context;
      this.#end(number, health.isSlow && ackedMs <= duty.sinceMs ? 'unsure' : 'unreachable', duty.life);
      return;
    }
    this.#ledger.again(number, duty.suspect, 'datagram');
    if (duty.tries++ === 1) this.#ledger.again(number, duty.suspect, 'stream');
    this.#wait(number);
  }

  #wait(number: number): void {
    const { health, probeTimeoutMs, roundTrip } = this.#context;
    const waitMs = ((health.isSlow ? probeTimeoutMs : roundTrip.timeoutMs) * timeouts) / maxTries;
    this.#context.schedule({ kind: 'confirmation', number }, waitMs);
  }

  #end(number: number, verdict: ConfirmVerdict, life: Life): void {
    const duty = this.#duties.get(number);
    if (duty === undefined) return;
    this.#duties.delete(number);
    for (const { hostId, probe } of duty.askers) this.#answer(hostId, probe, verdict, life);
  }

  #answer(to: HostId, probe: number, verdict: ConfirmVerdict, { generation, incarnation }: Life): void {
    this.#context.send(to, { kind: 'confirmed', probe, verdict, generation, incarnation });
  }
}
