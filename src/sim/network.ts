import type { Address } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { Channel } from '../node/message.ts';

export interface NetworkOptions {
  /** Median one-way latency in ms; the tail is exponential. */
  readonly latencyMs: number;
  /** Share of datagrams lost, 0 to 1. Streams retransmit: a lost segment costs them 200 ms. */
  readonly lossRatio: number;
  /** Share of datagrams that arrive twice. */
  readonly duplicateRatio: number;
}

export const lanNetwork: NetworkOptions = { latencyMs: 0.5, lossRatio: 0, duplicateRatio: 0 };

const retransmitMs = 200;

/** The network of a world: decides, from the world's seed alone, when a message arrives and how often. */
export class Network {
  readonly #random: Random;
  #options: NetworkOptions;
  /** Group of each address while the network is split; addresses in different groups do not reach one another. */
  #groups: ReadonlyMap<Address, number> | null = null;
  readonly #cut = new Set<string>();

  constructor(random: Random, options: NetworkOptions) {
    this.#random = random;
    this.#options = options;
  }

  change(options: Partial<NetworkOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Splits into groups; addresses in none of them are in group 0. */
  partition(groups: readonly (readonly Address[])[]): void {
    this.#groups = new Map(groups.flatMap((group, index) => group.map((address) => [address, index] as const)));
  }

  /** Cuts one direction. */
  cut(from: Address, to: Address): void {
    this.#cut.add(`${from}>${to}`);
  }

  /** Ends every partition and cut. */
  heal(): void {
    this.#groups = null;
    this.#cut.clear();
  }

  reaches(from: Address, to: Address): boolean {
    if (this.#cut.has(`${from}>${to}`)) return false;
    return this.#groups === null || (this.#groups.get(from) ?? 0) === (this.#groups.get(to) ?? 0);
  }

  /** Delays after which copies of a message arrive; empty when it is lost. */
  deliveriesMs(from: Address, to: Address, channel: Channel): number[] {
    if (!this.reaches(from, to)) return [];
    const { lossRatio, duplicateRatio } = this.#options;
    if (channel === 'stream') {
      if (!this.reaches(to, from)) return [];
      let delayMs = this.#latencyMs() * 3;
      while (this.#random.fraction() < lossRatio) delayMs += retransmitMs;
      return [delayMs];
    }
    if (this.#random.fraction() < lossRatio) return [];
    const deliveries = [this.#latencyMs()];
    if (this.#random.fraction() < duplicateRatio) deliveries.push(this.#latencyMs() * 10);
    return deliveries;
  }

  #latencyMs(): number {
    const { latencyMs } = this.#options;
    return latencyMs * (0.7 - 0.43 * Math.log(1 - this.#random.fraction()));
  }
}
