import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { lanNetwork, Network, type NetworkOptions } from '../../src/sim/network.ts';
import { percentile } from '../../src/sim/percentile.ts';

const a = '10.0.0.1:7600';
const b = '10.0.0.2:7600';

const networkOf = (options: Partial<NetworkOptions> = {}): Network =>
  new Network(new SeededRandom(5), { ...lanNetwork, ...options });

/** Delays of many datagrams from a to b; a lost one is none, a doubled one two. */
const datagrams = (network: Network, count = 20_000, from = a, to = b): number[][] =>
  Array.from({ length: count }, () => network.deliveriesMs(from, to, 'datagram'));

describe('the simulated network', () => {
  it('has the median latency that it was given, and a tail forty times as long in one packet of a hundred or so', () => {
    const delays = datagrams(networkOf({ latencyMs: 0.5 })).flat();
    expect(percentile(delays, 0.5)).toBeCloseTo(0.5, 1);
    expect(percentile(delays, 0.9)).toBeLessThan(1.5);
    expect(percentile(delays, 0.995)).toBeGreaterThan(10);
    expect(percentile(delays, 1)).toBeLessThanOrEqual(lanNetwork.maxLatencyMs);
  });

  it('loses and doubles as many datagrams as it was told', () => {
    const sent = datagrams(networkOf({ lossRatio: 0.2, duplicateRatio: 0.1 }));
    expect(sent.filter((copies) => copies.length === 0).length / sent.length).toBeCloseTo(0.2, 1);
    expect(sent.filter((copies) => copies.length === 2).length / sent.length).toBeCloseTo(0.08, 1);
  });

  it('lets later datagrams overtake those that it holds back', () => {
    const overtaken = (reorderRatio: number): number => {
      const arrivals = datagrams(networkOf({ tailRatio: 0, reorderRatio }), 1_000).map(
        ([delay], index) => index + delay!,
      );
      return arrivals.filter((arrival, index) => index > 0 && arrival < arrivals[index - 1]!).length;
    };
    expect(overtaken(0.1)).toBeGreaterThan(overtaken(0) + 20);
  });

  it('cuts one direction, both for datagrams and for the answers that a stream needs', () => {
    const network = networkOf();
    network.cut(a, b);
    expect(network.deliveriesMs(a, b, 'datagram')).toEqual([]);
    expect(network.deliveriesMs(b, a, 'datagram')).toHaveLength(1);
    expect(network.deliveriesMs(b, a, 'stream')).toEqual([]);
    network.heal();
    expect(network.deliveriesMs(b, a, 'stream')).toHaveLength(1);
  });

  it('makes the link of one host alone lossy, each way by its own share', () => {
    const network = networkOf();
    network.degrade(b, { lossInRatio: 0.8, lossOutRatio: 0.3 });
    const lost = (from: string, to: string): number =>
      datagrams(network, 5_000, from, to).filter((copies) => copies.length === 0).length / 5_000;
    expect(lost(a, b)).toBeCloseTo(0.8, 1);
    expect(lost(b, a)).toBeCloseTo(0.3, 1);
    expect(lost(a, '10.0.0.3:7600')).toBe(0);
  });

  it('sets a stream up with four packets, sends lost ones again, and uses the open stream until it was idle too long', () => {
    const quiet = networkOf({ tailRatio: 0 });
    const [first] = quiet.deliveriesMs(a, b, 'stream', 0);
    const [second] = quiet.deliveriesMs(a, b, 'stream', 1_000);
    expect(first).toBeGreaterThan(2 * second!);
    expect(quiet.streamsOpened).toBe(1);
    quiet.deliveriesMs(b, a, 'stream', 30_000);
    expect(quiet.streamsOpened).toBe(1);
    quiet.deliveriesMs(a, b, 'stream', 200_000);
    expect(quiet.streamsOpened).toBe(2);
    // A lost SYN is repeated after a second: with half of all packets lost most set-ups take longer, and some fail.
    const setUps = Array.from({ length: 300 }, (_, index) =>
      networkOfSeed(index, { lossRatio: 0.5 }).deliveriesMs(a, b, 'stream', 0),
    );
    expect(setUps.filter((delays) => delays.length === 0).length).toBeGreaterThan(30);
    expect(setUps.filter(([delay]) => delay !== undefined && delay > 1_000).length).toBeGreaterThan(30);
  });

  it('keeps the messages of a stream in order, however they were delayed', () => {
    const network = networkOf({ lossRatio: 0.3 });
    network.deliveriesMs(a, b, 'stream', 0);
    let last = 0;
    for (let atMs = 10_000; atMs < 12_000; atMs += 5) {
      const [delay] = network.deliveriesMs(a, b, 'stream', atMs);
      if (delay === undefined) continue;
      expect(atMs + delay).toBeGreaterThanOrEqual(last);
      last = atMs + delay;
    }
    expect(last).toBeGreaterThan(12_000);
  });

  it('opens no stream where only UDP passes', () => {
    const network = networkOf({ streams: false });
    expect(network.deliveriesMs(a, b, 'stream')).toEqual([]);
    expect(network.deliveriesMs(a, b, 'datagram')).toHaveLength(1);
  });
});

function networkOfSeed(seed: number, options: Partial<NetworkOptions>): Network {
  return new Network(new SeededRandom(seed), { ...lanNetwork, ...options });
}
