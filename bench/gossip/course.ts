import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { secondMs } from '../../src/base/time.ts';
import { type Death, DeathWatch } from '../../src/sim/death-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { SpreadWatch } from '../../src/sim/spread-watch.ts';
import { World } from '../../src/sim/world.ts';
import { bytesSent } from './bytes-sent.ts';
import { agreementMs, crashRound } from './crash-round.ts';
import { type Forged, forgeAll } from './forgery.ts';
import { LivenessLedger, restMs } from './liveness-ledger.ts';
import { restingCluster } from './resting-cluster.ts';
import { type SpreadSample, spreadSample } from './spread-sample.ts';

export interface CourseOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly idleMs: number;
  /** Application states that change, one a second, and as many again while datagrams are lost. */
  readonly changes: number;
  /** Crashes one after another, each in a cluster that has come to rest. */
  readonly crashes: number;
}

/** What one world showed. Bytes are per node and second; shares 0 to 1. */
export interface CourseSample {
  readonly idleBytes: number;
  readonly busyBytes: number;
  readonly spread: SpreadSample;
  /** The same at 5 % loss. */
  readonly lossySpread: SpreadSample;
  readonly forged: readonly Forged[];
  readonly single: readonly Death[];
  /** Live nodes held for dead, counted once for each who did, but for the forgeries. */
  readonly falsePositives: number;
  /** Nodes whose ring and liveness views are right 5 s after a crash is known to all, at worst. */
  readonly agreeingShare: number;
}

const patienceMs = 60 * secondMs;

/** One life of a cluster: left alone, then changes, lost packets, forgeries, and crashes until the end. */
export function runCourse(options: CourseOptions): CourseSample {
  const { nodes: size, seed, idleMs } = options;
  const random = new SeededRandom(seed ^ 0xc0);
  const world = new World(seed);
  const traffic = world.measure();
  const nodes = restingCluster(world, size);
  const ledger = new LivenessLedger(world);
  const quiet = new DeathWatch(world);
  const idleBytes = bytesSent(world, traffic, () => world.run(idleMs));

  const spreadOf = (name: string): { readonly bytes: number; readonly spread: SpreadSample } => {
    const watch = new SpreadWatch(world);
    const bytes = bytesSent(world, traffic, () => {
      for (let change = 0; change < options.changes; change++) {
        watch.change(nodes[random.below(size)]!, `x:${name}-${change}`, `v${change}`);
        world.run(secondMs);
      }
    });
    world.runUntil(() => watch.settled, patienceMs);
    return { bytes, spread: spreadSample(watch.spreads) };
  };
  const lossless = spreadOf('bench');
  world.network.change({ lossRatio: 0.05 });
  const lossy = spreadOf('lossy');
  world.network.change({ lossRatio: 0 });
  ledger.rest('5 % loss');
  const quietly = quiet.falsePositives;

  const forged = forgeAll(world, ledger, seed);
  return {
    idleBytes,
    busyBytes: lossless.bytes,
    spread: lossless.spread,
    lossySpread: lossy.spread,
    forged,
    ...crashAll(world, ledger, options, random, quietly),
  };
}

/** One after another. `before`: live nodes held for dead until now. */
function crashAll(world: World, ledger: LivenessLedger, options: CourseOptions, random: SeededRandom, before: number) {
  const deaths = new DeathWatch(world);
  const victims: SimulatedNode[] = shuffle([...world.nodes], random);
  let agreeingShare = 1;
  for (let crash = 0; crash < options.crashes; crash++) {
    agreeingShare = Math.min(agreeingShare, crashRound(world, deaths, ledger, [victims.pop()!]));
    world.run(restMs - agreementMs + random.below(secondMs));
  }
  return { single: deaths.deaths, falsePositives: before + deaths.falsePositives, agreeingShare };
}
