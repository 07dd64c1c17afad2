import { SeededRandom } from '../base/random.ts';
import { secondMs } from '../base/time.ts';
import type { ExchangeStyle } from '../gossip/gossip-message.ts';
import { convergedCluster } from './converged-cluster.ts';
import { SpreadWatch } from './spread-watch.ts';
import { World } from './world.ts';

/** The styles of an exchange, as people call them. */
export const styleWords: Record<ExchangeStyle, string> = { push: 'push', pull: 'pull', pushPull: 'push-pull' };

export interface ExchangeOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly style: ExchangeStyle;
  /** How many random peers a node opens an exchange with each interval. */
  readonly peers: number;
  readonly changes: number;
  readonly lossRatio?: number;
  readonly gossipIntervalMs?: number;
}

/** How one change spread: ms until half of the nodes and until all of them knew; null if they did not in time. */
export interface ExchangeCurve {
  readonly halfMs: number | null;
  readonly allMs: number | null;
}

const patienceTicks = 60;

/** Some changes, one after another, in a cluster in which nothing but exchanges with random peers carries them: no rumors. */
export function exchangeCurve(options: ExchangeOptions): ExchangeCurve[] {
  const { nodes: size, seed, style, peers, changes, lossRatio = 0, gossipIntervalMs = secondMs } = options;
  const random = new SeededRandom(seed ^ 0xe5);
  const world = new World(seed, { lossRatio });
  const nodes = convergedCluster(world, size, {
    detector: 'swim',
    antiEntropy: 'periodic',
    rumors: false,
    exchangeStyle: style,
    exchangePeers: peers,
    gossipIntervalMs,
  });
  world.run(secondMs);
  const watch = new SpreadWatch(world);
  for (let change = 0; change < changes; change++) {
    world.run(random.below(gossipIntervalMs));
    watch.change(nodes[random.below(size)]!, `x:exchange-${change}`, 'changed');
    world.runUntil(() => watch.settled, patienceTicks * gossipIntervalMs);
  }
  return watch.spreads.map(({ delaysMs, missing }) => ({
    // The first node to know is who made the change.
    halfMs: delaysMs[Math.ceil(size / 2) - 2] ?? 0,
    allMs: missing > 0 ? null : (delaysMs.at(-1) ?? 0),
  }));
}

/**
 * Rounds until the last of n nodes knows, each opening exchanges with k random peers a round.
 *
 * - push: log_{k+1} n until half know, and then (ln n) / k, since a round leaves out a share of e^-k (Pittel 1987)
 * - pull: as long at first, and then the share that does not know is raised to the power of k + 1 each round
 * - push-pull: grows by 1 + 2k, and ends like pull, being pushed to besides: with k = 1 log3 n + O(log log n)
 *   (Karp, Schindelhauer, Shenker, Vöcking 2000)
 */
export function exchangeRounds(style: ExchangeStyle, nodes: number, peers: number): number {
  const ending = Math.log(Math.max(Math.LN2, Math.log(nodes))) / Math.log(peers + 1);
  switch (style) {
    case 'push':
      return Math.log(nodes) / Math.log(peers + 1) + Math.log(nodes) / peers;
    case 'pull':
      return Math.log(nodes) / Math.log(peers + 1) + ending;
    case 'pushPull':
      return Math.log(nodes) / Math.log(2 * peers + 1) + ending;
  }
}
