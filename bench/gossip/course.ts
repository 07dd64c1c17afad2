import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { secondMs } from '../../src/base/time.ts';
import type { NodeConfig } from '../../src/node/node-config.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { type Death, DeathWatch } from '../../src/sim/death-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { SpreadWatch } from '../../src/sim/spread-watch.ts';
import { World } from '../../src/sim/world.ts';
import { type SpreadSample, spreadSample } from './spread-sample.ts';

export interface CourseOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly lossRatio: number;
  readonly config: Partial<NodeConfig>;
  readonly idleMs: number;
  readonly changes: number;
  /** Crashes one after another, each in a cluster that has come to rest. */
  readonly crashes: number;
  /** How often 5 % of the nodes crash at once after that, each time in a cluster that has come to rest. */
  readonly massCrashes: number;
}

/** What one world showed. Bytes are per node and second; shares 0 to 1. */
export interface CourseSample {
  readonly idleBytes: number;
  readonly idleSpeedup: number;
  readonly loadBytes: number;
  readonly busyBytes: number;
  readonly spread: SpreadSample;
  readonly single: readonly Death[];
  readonly together: readonly Death[];
  readonly falsePositives: number;
  /** Nodes whose ring and liveness views are right 5 s after the last crash; null if nothing crashed. */
  readonly agreeingShare: number | null;
}

const settleMs = 20 * secondMs;
const patienceMs = 60 * secondMs;
/** A confirmed death makes everyone probe faster for some seconds: the next crash waits until that is over. */
const restMs = 8 * secondMs;

/** One world from its start to its agreement, with every figure that can be had on the way. */
export function runCourse(options: CourseOptions): CourseSample {
  const { nodes: size, seed, lossRatio, idleMs } = options;
  const random = new SeededRandom(seed ^ 0xc0);
  const world = new World(seed, { lossRatio });
  const traffic = world.measure();
  const nodes = convergedCluster(world, size, options.config);
  world.run(settleMs);
  const watch = new SpreadWatch(world);
  const deaths = new DeathWatch(world);
  const measured = (run: () => void): number => {
    const fromMs = world.nowMs;
    const before = traffic.totalBytes();
    run();
    return ((traffic.totalBytes() - before) / size / (world.nowMs - fromMs)) * secondMs;
  };

  const startedMs = performance.now();
  const idleBytes = measured(() => world.run(idleMs));
  const idleSpeedup = idleMs / (performance.now() - startedMs);

  // Every node's LOAD moves once in the window as it would in ten minutes, so the window's share of nodes moves.
  const loadBytes = measured(() => {
    const moving = Math.max(1, Math.round((size * idleMs) / (600 * secondMs)));
    for (let index = 0; index < moving; index++) {
      nodes[index % size]!.command({ kind: 'setLoad', bytes: 1_000_000_000 + random.below(100_000_000) });
      world.run(idleMs / moving);
    }
  });

  const busyBytes = measured(() => {
    for (let change = 0; change < options.changes; change++) {
      watch.change(nodes[random.below(size)]!, `x:bench-${change}`, `v${change}`);
      world.run(secondMs);
    }
  });
  world.runUntil(() => watch.settled, patienceMs);

  const victims = shuffle([...nodes], random);
  for (let crash = 0; crash < options.crashes; crash++) {
    deaths.crash(victims.pop()!);
    world.runUntil(() => deaths.settled, patienceMs);
    world.run(restMs + random.below(secondMs));
  }
  const single = deaths.deaths;
  let agreeing: number | null = null;
  for (let mass = 0; mass < options.massCrashes; mass++) {
    const atMs = world.nowMs;
    for (const victim of victims.splice(0, Math.max(1, Math.round(size * 0.05)))) deaths.crash(victim);
    // 5 s after the dead can be known to all, who still differs is one that gossip has missed.
    world.runUntil(() => deaths.settled, patienceMs);
    world.run(5 * secondMs);
    agreeing = Math.min(agreeing ?? 1, agreeingShare(world));
    world.run(Math.max(0, atMs + 2 * restMs - world.nowMs) + random.below(secondMs));
  }
  return {
    idleBytes,
    idleSpeedup,
    loadBytes,
    busyBytes,
    spread: spreadSample(watch.spreads),
    single,
    together: deaths.deaths.slice(single.length),
    falsePositives: deaths.falsePositives,
    agreeingShare: agreeing,
  };
}

/** The share of running nodes that hold exactly those for alive that run, and the ring of the first of them. */
export function agreeingShare(world: World): number {
  const running = world.nodes.filter((node) => node.running);
  const alive = new Set(running.map((node) => node.hostId));
  const fingerprint = running[0]?.reader.ring()?.fingerprint;
  const right = (node: SimulatedNode): boolean =>
    node.reader.ring()?.fingerprint === fingerprint &&
    node.reader.members().every((member) => (member.liveness === 'dead') !== alive.has(member.hostId));
  return running.filter(right).length / running.length;
}
