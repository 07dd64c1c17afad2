import { SeededRandom } from '../base/random.ts';
import { secondMs } from '../base/time.ts';
import type { ExchangeStyle } from '../gossip/gossip-message.ts';
import { convergedCluster } from './converged-cluster.ts';
import { round } from './simulation-report.ts';
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
  return watch.spreads.map(({ delaysMs }) => {
    // The first node to know is who made the change, at once.
    const learnedMs = [0, ...delaysMs];
    return { halfMs: learnedMs[Math.ceil(size / 2) - 1] ?? null, allMs: learnedMs[size - 1] ?? null };
  });
}

/** One line of the comparison: means over the changes, in gossip intervals; null if some node did not know in time. */
export interface StyleFigures {
  readonly style: ExchangeStyle;
  readonly peers: number;
  readonly halfTicks: number | null;
  readonly allTicks: number | null;
  /** `exchangeTicks`, for all. */
  readonly theoryTicks: number;
}

/** What is compared: each style with one peer a tick, and what more peers bring. */
const compared = [
  ['push', 1],
  ['pull', 1],
  ['pushPull', 1],
  ['pushPull', 3],
] as const;

/** Push, pull and push-pull side by side, in the same clusters. `progress` is told how much is done, 0 to 1. */
export function compareStyles(
  options: Omit<ExchangeOptions, 'style' | 'peers'>,
  progress: (share: number, words: string) => void,
): StyleFigures[] {
  const { nodes, gossipIntervalMs = secondMs } = options;
  return compared.map(([style, peers], at) => {
    progress(at / compared.length, styleWords[style]);
    const curves = exchangeCurve({ ...options, style, peers });
    const ticks = (of: keyof ExchangeCurve): number | null => {
      const sum = curves.reduce((total, curve) => total + (curve[of] ?? Number.POSITIVE_INFINITY), 0);
      return Number.isFinite(sum) ? round(sum / curves.length / gossipIntervalMs) : null;
    };
    return {
      style,
      peers,
      halfTicks: ticks('halfMs'),
      allTicks: ticks('allMs'),
      theoryTicks: round(exchangeTicks(style, nodes, peers)),
    };
  });
}

/**
 * Intervals until the last of n nodes knows, each opening exchanges with k random peers an interval, when the intervals of
 * the nodes are not in step: who has just learned opens its next exchange half an interval later in the mean, so that the
 * informed grow e-fold where rounds in step would double them.
 *
 * - push: (ln n) / k until half know, and as long again, since an interval leaves out a share of e^-k (Pittel 1987)
 * - pull: (ln n) / k, and then the share that does not know is raised to the power of k + 1 each interval
 * - push-pull: (ln n) / 2k, and ends like pull: O(log n) + O(log log n) (Karp, Schindelhauer, Shenker, Vöcking 2000)
 */
export function exchangeTicks(style: ExchangeStyle, nodes: number, peers: number): number {
  const growing = Math.log(nodes) / peers;
  const ending = Math.log(Math.max(1, Math.log(nodes))) / Math.log(peers + 1);
  switch (style) {
    case 'push':
      return growing + growing;
    case 'pull':
      return growing + ending;
    case 'pushPull':
      return growing / 2 + ending;
  }
}
