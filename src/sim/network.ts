import type { Address } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import { secondMs } from '../base/time.ts';
import type { Channel } from '../node/message.ts';

/** What the whole network is like. Ratios are shares, 0 to 1. */
export interface NetworkOptions {
  /** Median one-way latency in ms. */
  readonly latencyMs: number;
  /** Share of packets that take the long tail: a Pareto (shape 2) from twenty times the median on, at most `maxLatencyMs`. */
  readonly tailRatio: number;
  readonly maxLatencyMs: number;
  /** Share of datagrams lost. */
  readonly lossRatio: number;
  /** Share of the packets of streams lost, set-up included: what is lost is sent again, so it costs time. Null: as `lossRatio`. */
  readonly streamLossRatio: number | null;
  /** False: no stream can be opened at all, as behind a firewall that passes only UDP. */
  readonly streams: boolean;
  /** Share of datagrams that arrive twice. */
  readonly duplicateRatio: number;
  /** Share of datagrams that are held back by up to `reorderMs`, so that later ones overtake them. */
  readonly reorderRatio: number;
  readonly reorderMs: number;
}

/** A quiet local network: half a millisecond, one packet in a hundred late, nothing lost. */
export const lanNetwork: NetworkOptions = {
  latencyMs: 0.5,
  tailRatio: 0.01,
  maxLatencyMs: 250,
  lossRatio: 0,
  streamLossRatio: null,
  streams: true,
  duplicateRatio: 0,
  reorderRatio: 0,
  reorderMs: 20,
};

/** How the link of one host is worse than the network's: shares of its packets lost, each way. */
export interface FaultyLink {
  readonly lossInRatio: number;
  readonly lossOutRatio: number;
}

/** As Linux does it: a SYN is repeated after 1 s, then 2 s; a segment after 200 ms, doubling. */
const synRetryMs = secondMs;
const segmentRetryMs = 200;
/** The transport gives a stream up that is not open by then, and closes one that was idle for so long. */
export const streamConnectMs = 3 * secondMs;
export const streamIdleMs = 60 * secondMs;

/** An open stream between two hosts: until when, unless used, and when its last message arrived. Both ends use it. */
interface OpenStream {
  idleAtMs: number;
  arrivedMs: number;
}

/** The network of a world: decides, from the world's seed alone, when a message arrives and how often. */
export class Network {
  readonly #random: Random;
  #options: NetworkOptions;
  /** Group of each address while the network is split; addresses in different groups do not reach one another. */
  #groups: ReadonlyMap<Address, number> | null = null;
  readonly #cut = new Set<string>();
  readonly #faulty = new Map<Address, FaultyLink>();
  readonly #streams = new Map<string, OpenStream>();
  #sweepAtStreams = 10_000;
  /** Streams that had to be opened: each costs a handshake. */
  streamsOpened = 0;

  constructor(random: Random, options: NetworkOptions) {
    this.#random = random;
    this.#options = options;
  }

  get options(): NetworkOptions {
    return this.#options;
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

  /** Makes one host's link worse than the others'. */
  degrade(address: Address, link: FaultyLink): void {
    this.#faulty.set(address, link);
  }

  /** Ends every partition, cut and faulty link. Loss of the whole network stays. */
  heal(): void {
    this.#groups = null;
    this.#cut.clear();
    this.#faulty.clear();
  }

  reaches(from: Address, to: Address): boolean {
    if (this.#cut.size > 0 && this.#cut.has(`${from}>${to}`)) return false;
    return this.#groups === null || (this.#groups.get(from) ?? 0) === (this.#groups.get(to) ?? 0);
  }

  /** Delays after which copies of a message arrive; empty when it is lost. */
  deliveriesMs(from: Address, to: Address, channel: Channel, nowMs = 0): number[] {
    if (!this.reaches(from, to)) return [];
    if (channel === 'stream') return this.#stream(from, to, nowMs);
    const { lossRatio, duplicateRatio } = this.#options;
    if (this.#loses(this.#lossRatio(from, to, lossRatio))) return [];
    const delayMs = this.#datagramMs();
    if (duplicateRatio === 0 || this.#random.fraction() >= duplicateRatio) return [delayMs];
    return [delayMs, delayMs + this.#datagramMs()];
  }

  #stream(from: Address, to: Address, nowMs: number): number[] {
    const { lossRatio, streamLossRatio, streams } = this.#options;
    if (!streams || !this.reaches(to, from)) return [];
    const ratio = streamLossRatio ?? lossRatio;
    const thereRatio = this.#lossRatio(from, to, ratio);
    const backRatio = this.#lossRatio(to, from, ratio);
    const key = from < to ? `${from}=${to}` : `${to}=${from}`;
    let stream = this.#streams.get(key);
    let delayMs = 0;
    if (stream === undefined || stream.idleAtMs <= nowMs) {
      const openedMs = this.#openMs(thereRatio, backRatio);
      if (openedMs === null) return [];
      delayMs = openedMs;
      stream = { idleAtMs: 0, arrivedMs: 0 };
      this.#keep(key, stream, nowMs);
      this.streamsOpened++;
    }
    delayMs += this.#latencyMs();
    for (let retryMs = segmentRetryMs; this.#loses(thereRatio); retryMs *= 2) {
      delayMs += retryMs;
      if (delayMs > streamConnectMs * 3) {
        this.#streams.delete(key);
        return [];
      }
    }
    const arrivedMs = Math.max(nowMs + delayMs, stream.arrivedMs);
    stream.arrivedMs = arrivedMs;
    stream.idleAtMs = arrivedMs + streamIdleMs;
    return [arrivedMs - nowMs];
  }

  #keep(key: string, stream: OpenStream, nowMs: number): void {
    if (this.#streams.size >= this.#sweepAtStreams) {
      for (const [each, { idleAtMs }] of this.#streams) if (idleAtMs <= nowMs) this.#streams.delete(each);
      this.#sweepAtStreams = Math.max(10_000, 2 * this.#streams.size);
    }
    this.#streams.set(key, stream);
  }

  /** The TCP handshake and the exchange of hellos: four packets, each of which may be lost. Null: not in time. */
  #openMs(thereRatio: number, backRatio: number): number | null {
    let takenMs = 0;
    for (const packet of ['syn', 'hello'] as const) {
      let retryMs = packet === 'syn' ? synRetryMs : segmentRetryMs;
      while (this.#loses(thereRatio) || this.#loses(backRatio)) {
        takenMs += retryMs;
        retryMs *= 2;
        if (takenMs > streamConnectMs) return null;
      }
      takenMs += this.#latencyMs() + this.#latencyMs();
    }
    return takenMs > streamConnectMs ? null : takenMs;
  }

  #lossRatio(from: Address, to: Address, ratio: number): number {
    if (this.#faulty.size === 0) return ratio;
    const out = this.#faulty.get(from)?.lossOutRatio ?? 0;
    const into = this.#faulty.get(to)?.lossInRatio ?? 0;
    return 1 - (1 - ratio) * (1 - out) * (1 - into);
  }

  #loses(ratio: number): boolean {
    return ratio > 0 && this.#random.fraction() < ratio;
  }

  #datagramMs(): number {
    const { reorderRatio, reorderMs } = this.#options;
    const latencyMs = this.#latencyMs();
    if (reorderRatio === 0 || this.#random.fraction() >= reorderRatio) return latencyMs;
    return latencyMs + this.#random.fraction() * reorderMs;
  }

  /** From 0.7 of the median an exponential, so that its middle is the median; now and then the long tail. */
  #latencyMs(): number {
    const { latencyMs, tailRatio, maxLatencyMs } = this.#options;
    const bodyMs = latencyMs * (0.7 - 0.43 * Math.log(1 - this.#random.fraction()));
    if (tailRatio === 0 || this.#random.fraction() >= tailRatio) return bodyMs;
    const tailMs = (20 * latencyMs) / Math.sqrt(1 - this.#random.fraction());
    return Math.min(tailMs, maxLatencyMs);
  }
}
