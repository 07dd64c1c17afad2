import { SeededRandom } from '../../src/base/random.ts';
import { minuteMs, secondMs } from '../../src/base/time.ts';
import { lanNetwork, type NetworkOptions } from '../../src/sim/network.ts';
import { playScenario, type Step } from '../../src/sim/scenario.ts';
import { World } from '../../src/sim/world.ts';
import { bytesSent } from './bytes-sent.ts';
import { agreementMs } from './crash-round.ts';
import { LivenessLedger } from './liveness-ledger.ts';
import { bySize } from './part.ts';
import { restingCluster } from './resting-cluster.ts';

/** Bad conditions for a time: of the network, or of some nodes. */
export interface Condition {
  /** In the words of the page. */
  readonly words: string;
  readonly forMs: number;
  readonly network?: Pick<NetworkOptions, 'lossRatio' | 'streams'>;
  readonly steps?: readonly Step[];
  /** Places of nodes that are not well: what happens to them is counted apart. */
  readonly faulty?: readonly number[];
}

/** What a world showed under one condition. */
export interface ConditionSample {
  readonly words: string;
  /** Well nodes that somebody held for dead. */
  readonly healthyDead: number;
  readonly faultyDead: number;
  /** Verdicts "dead" about faulty nodes by anybody, divided by observers: how often each of them flapped. */
  readonly flapsPerFaulty: number;
  /** Bytes a second and node. */
  readonly sentBytes: number;
  /** Nodes whose ring and liveness views are right 5 s after the condition has ended. */
  readonly agreeingShare: number;
}

export interface EnduranceSample {
  /** Bytes a second and node, in the same world while it was left alone. */
  readonly idleBytes: number;
  readonly conditions: readonly ConditionSample[];
}

const idleMs = 30 * secondMs;

/** Loss of datagrams: of the packets of streams likewise, or no stream can be opened at all. */
export function lossCondition(nodes: number, lossRatio: number, streams: boolean, quick: boolean): Condition {
  return {
    words: `${lossRatio * 100} % loss${streams ? '' : ', streams off'}`,
    forMs: longMs(nodes, quick),
    network: { lossRatio, streams },
  };
}

/** Lifeguard's case: a node whose loop stands still. Ten nodes in turn, each its own case. */
export function stallsOnce(quick: boolean): Condition {
  const faulty = Array.from({ length: quick ? 5 : 10 }, (_, place) => place);
  const steps = faulty.map(
    (place): Step => ({ at: place * 11 * secondMs, do: 'stall', nodes: [place], forMs: 2 * secondMs }),
  );
  return { words: 'a node stalls once for 2 s', forMs: faulty.length * 12 * secondMs, steps, faulty };
}

/** The same node again and again. */
export function stallsAgain(nodes: number, quick: boolean): Condition {
  const forMs = longMs(nodes, quick);
  const everyMs = 10 * secondMs;
  const steps: Step[] = [{ at: 0, do: 'stall', nodes: [0], forMs: 5 * secondMs, everyMs, times: forMs / everyMs }];
  return { words: 'a node stalls 5 s every 10 s', forMs, steps, faulty: [0] };
}

/** Rapid's case: one node in a hundred loses most of its packets. */
export function faultyLinks(nodes: number, quick: boolean): Condition {
  const faulty = oneInAHundred(nodes);
  const steps: Step[] = [{ at: 0, do: 'degrade', nodes: faulty, lossInRatio: 0.8, lossOutRatio: 0.8 }];
  return { words: '1 % of nodes lose 80 % both ways', forMs: longMs(nodes, quick), steps, faulty };
}

/** Rapid's other case: one node in a hundred is heard by all, and does not hear half of them. */
export function oneWayLinks(nodes: number, quick: boolean): Condition {
  const faulty = oneInAHundred(nodes);
  const steps = faulty.flatMap((to): Step[] =>
    Array.from({ length: nodes >> 1 }, (_, index) => ({ at: 0, do: 'cut', from: nodes - 1 - index, to })),
  );
  return { words: '1 % of nodes do not hear half of the others', forMs: longMs(nodes, quick), steps, faulty };
}

/**
 * One world in which nobody crashes, and who is held for dead all the same: one condition after another, each begun when
 * the network is well again and every node holds every other for alive. Throws if that does not come.
 */
export function runEndurance(size: number, seed: number, conditions: readonly Condition[]): EnduranceSample {
  const world = new World(seed);
  const traffic = world.measure();
  const nodes = restingCluster(world, size);
  const ledger = new LivenessLedger(world);
  const bytesOf = (ms: number): number => bytesSent(world, traffic, () => world.run(ms));
  const idleBytes = bytesOf(idleMs);
  const samples = conditions.map(({ words, forMs, network = {}, steps = [], faulty = [] }): ConditionSample => {
    const before = nodes.map(({ hostId }) => ledger.deadVerdicts(hostId));
    world.network.change(network);
    playScenario(world, steps, new SeededRandom(seed));
    const sentBytes = bytesOf(forMs);
    world.network.change(lanNetwork);
    world.network.heal();
    world.run(agreementMs);
    const agreeingShare = ledger.agreeingShare();
    ledger.rest(words);
    // A verdict that is reached only now is one on what was before.
    const verdicts = nodes.map(({ hostId }, place) => ledger.deadVerdicts(hostId) - before[place]!);
    const ill = new Set(faulty);
    const healthyDead = verdicts.filter((count, place) => count > 0 && !ill.has(place)).length;
    const illVerdicts = faulty.map((place) => verdicts[place]!);
    return {
      words,
      healthyDead,
      faultyDead: illVerdicts.filter((count) => count > 0).length,
      flapsPerFaulty: illVerdicts.reduce((sum, count) => sum + count, 0) / Math.max(1, faulty.length) / (size - 1),
      sentBytes,
      agreeingShare,
    };
  });
  return { idleBytes, conditions: samples };
}

const longMs = (nodes: number, quick: boolean): number => (quick ? 0.5 : bySize(nodes, 10, 10, 2)) * minuteMs;

const oneInAHundred = (nodes: number): number[] => Array.from({ length: Math.ceil(nodes / 100) }, (_, place) => place);
