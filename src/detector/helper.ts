import type { HostId } from '../base/id.ts';
import type { Life } from './member-state.ts';
import type { ProbeLedger } from './probe-ledger.ts';
import type { SwimContext } from './swim-context.ts';

/** How many probes a node relays at once; more are not answered, so that nobody can make it a storm. */
const maxRelays = 256;

interface Relay {
  readonly prober: HostId;
  readonly probe: number;
  readonly target: HostId;
  nacked: boolean;
}

/** Probes on behalf of others (SWIM's ping-req), and says so when the target does not answer (Lifeguard's nack). */
export class Helper {
  readonly #context: SwimContext;
  readonly #ledger: ProbeLedger;
  readonly #relays = new Map<number, Relay>();

  constructor(context: SwimContext, ledger: ProbeLedger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  asked(prober: HostId, probe: number, target: HostId): void {
    const { table, roundTrip } = this.#context;
    if (!table.has(target) || this.#relays.size >= maxRelays) return;
    const number = this.#ledger.send(target);
    this.#relays.set(number, { prober, probe, target, nacked: false });
    // Not stretched by the own health: the prober waits by its own, and a nack that is late is a nack that is missing.
    this.#context.schedule({ kind: 'nack', number }, roundTrip.timeoutMs);
  }

  acked(number: number, life: Life): void {
    const relay = this.#relays.get(number);
    if (relay === undefined) return;
    this.#relays.delete(number);
    const { generation, incarnation } = life;
    const { prober, probe, target } = relay;
    this.#context.send(prober, { kind: 'probeRelay', probe, target, generation, incarnation });
  }

  /** First the nack; a late ack is still passed on until as long again. */
  nackDue(number: number): void {
    const relay = this.#relays.get(number);
    if (relay === undefined) return;
    if (relay.nacked) {
      this.#relays.delete(number);
      return;
    }
    relay.nacked = true;
    this.#context.send(relay.prober, { kind: 'nack', probe: relay.probe });
    this.#context.schedule({ kind: 'nack', number }, 3 * this.#context.roundTrip.timeoutMs);
  }
}
