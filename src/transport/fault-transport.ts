import type { Address } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { Destination } from '../node/core-io.ts';
import type { Channel, Message, SingleMessage } from '../node/message.ts';
import { familyOf, type MessageFamily } from '../wire/message-codec.ts';
import type { Transport, TransportHandler } from './transport.ts';
import type { TransportCounters } from './transport-counters.ts';

/** What goes wrong with what one node sends. Absent is zero. */
export interface Faults {
  /** Datagrams lost, 0 to 1. Streams lose nothing, as TCP does not. */
  readonly dropRatio?: number;
  /**
   * Every message of a family, or of one kind (which goes before its family), waits up to this long, evenly spread: so
   * messages also overtake one another. A bundle waits as its slowest message may.
   */
  readonly maxDelayMs?: Partial<Record<MessageFamily | SingleMessage['kind'], number>>;
}

/**
 * A transport whose *outgoing* half misbehaves, as a seed says: a block is one-way, cut both ends for a partition. What
 * it does can be changed while it runs. Delays are real timers.
 */
export class FaultTransport implements Transport {
  readonly #inner: Transport;
  readonly #handler: TransportHandler;
  readonly #random: Random;
  readonly #blocked = new Set<Address>();
  readonly #delayed = new Set<NodeJS.Timeout>();
  #faults: Faults;
  /** Messages that were lost here, by drop or block. */
  lost = 0;

  /** `handler` is the inner transport's: it is told of streams that a block breaks. */
  constructor(inner: Transport, handler: TransportHandler, random: Random, faults: Faults = {}) {
    this.#inner = inner;
    this.#handler = handler;
    this.#random = random;
    this.#faults = faults;
  }

  get address(): Transport['address'] {
    return this.#inner.address;
  }

  get counters(): TransportCounters {
    return this.#inner.counters;
  }

  set faults(faults: Faults) {
    this.#faults = faults;
  }

  /** Nothing goes to this address any more; streams to it fail. */
  block(address: Address): void {
    this.#blocked.add(address);
  }

  unblock(address: Address): void {
    this.#blocked.delete(address);
  }

  bindCluster(clusterId: string): void {
    this.#inner.bindCluster(clusterId);
  }

  send(to: Destination, channel: Channel, message: Message): void {
    const { dropRatio = 0, maxDelayMs = {} } = this.#faults;
    if (this.#blocked.has(to.address)) {
      this.lost++;
      if (channel === 'stream') this.#later(0, () => this.#handler.sendFailed(to));
      return;
    }
    if (channel === 'datagram' && this.#random.fraction() < dropRatio) {
      this.lost++;
      return;
    }
    const messages = message.kind === 'bundle' ? message.messages : [message];
    const longestMs = Math.max(...messages.map((each) => maxDelayMs[each.kind] ?? maxDelayMs[familyOf(each)] ?? 0));
    const delayMs = this.#random.fraction() * longestMs;
    if (delayMs === 0) this.#inner.send(to, channel, message);
    else this.#later(delayMs, () => this.#inner.send(to, channel, message));
  }

  close(): Promise<void> {
    for (const timer of this.#delayed) clearTimeout(timer);
    this.#delayed.clear();
    return this.#inner.close();
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      run();
    }, delayMs);
    this.#delayed.add(timer);
  }
}
