import type { HostId } from '../base/id.ts';
import { secondMs } from '../base/time.ts';
import type { LivenessClaim } from './liveness-claim.ts';
import type { SwimContext } from './swim-context.ts';

/** An ack that comes later than this proves nothing about now. */
const keptMs = 15 * secondMs;

/** A probe that was sent and not yet answered. */
export interface OpenProbe {
  /** What its ack bears. */
  readonly number: number;
  readonly target: HostId;
  readonly sentMs: number;
  /** The target was told what is held against it, so its ack refutes it. */
  readonly told: boolean;
}

/** Sends probes under fresh random numbers, and knows which ack belongs to which. */
export class ProbeLedger {
  readonly #context: SwimContext;
  /** What is held against a host, or null. */
  readonly #claimOf: (hostId: HostId) => LivenessClaim | null;
  /** In the order in which they were sent; few, and short-lived, hence no map. */
  readonly #open: OpenProbe[] = [];

  constructor(context: SwimContext, claimOf: (hostId: HostId) => LivenessClaim | null) {
    this.#context = context;
    this.#claimOf = claimOf;
  }

  /** Sends a probe; the number that its ack will bear. */
  send(target: HostId, channel: 'datagram' | 'stream' = 'datagram'): number {
    const number = this.#context.random.uint32();
    this.again(number, target, channel);
    return number;
  }

  /** Sends the probe once more, or by another channel, under the same number. */
  again(number: number, target: HostId, channel: 'datagram' | 'stream'): void {
    const buddy = this.#claimOf(target);
    const place = this.#placeOf(number);
    const sentMs = this.#open[place]?.sentMs ?? this.#context.nowMs;
    const open = { number, target, sentMs, told: buddy !== null };
    if (place < 0) this.#open.push(open);
    else this.#open[place] = open;
    this.#context.send(target, { kind: 'probe', probe: number, buddy }, channel);
  }

  /** Takes the probe that an ack of `from` answers out of the ledger; null if there is none. */
  close(number: number, from: HostId): OpenProbe | null {
    const place = this.#placeOf(number);
    const open = this.#open[place];
    if (open === undefined || open.target !== from) return null;
    this.#open.splice(place, 1);
    return open;
  }

  /** Drops probes that are too old to be answered; they stand in the order in which they were sent. */
  sweep(): void {
    const { nowMs } = this.#context;
    while (this.#open.length > 0 && nowMs - this.#open[0]!.sentMs >= keptMs) this.#open.shift();
  }

  /** The newest are asked for most. */
  #placeOf(number: number): number {
    for (let place = this.#open.length - 1; place >= 0; place--) if (this.#open[place]!.number === number) return place;
    return -1;
  }
}
