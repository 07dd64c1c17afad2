import { SeededRandom, shuffle } from '../base/random.ts';
import { secondMs } from '../base/time.ts';
import { defaultNodeConfig, type NodeConfig } from '../node/node-config.ts';
import { convergedCluster } from './converged-cluster.ts';
import { DeathWatch } from './death-watch.ts';
import { demandConvergence, differenceOf } from './invariants/convergence.ts';
import { InvariantWatch } from './invariants/invariant-watch.ts';
import type { NetworkOptions } from './network.ts';
import { convergenceOf, detectionOf, round, type SimulationReport } from './simulation-report.ts';
import { SpreadWatch } from './spread-watch.ts';
import type { Trace } from './trace.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  readonly nodes: number;
  readonly seed: number;
  /** Beyond loss and the local network's latency. */
  readonly network?: Partial<NetworkOptions>;
  readonly lossRatio?: number;
  /** How many crash at once, after everything else was measured. */
  readonly kill?: number;
  readonly config?: Partial<NodeConfig>;
  /** How many states change, one a second. */
  readonly changes?: number;
  readonly idleMs?: number;
  /** How long changes and deaths are waited for at most; a minute, and more where the settings make both slow. */
  readonly patienceMs?: number;
  /** Real time in ms, for the speed-up; the simulation itself reads no clock. */
  readonly clockMs: () => number;
  /** Told now and then how much is done, 0 to 1, and what is going on. */
  readonly progress?: (share: number, phase: SimulationPhase) => void;
  readonly trace?: Trace;
}

export const simulationPhases = ['start', 'settle', 'idle', 'changes', 'crashes', 'quiet', 'done'] as const;
export type SimulationPhase = (typeof simulationPhases)[number];

/** The report, and what its curves are drawn from. */
export interface Simulation {
  readonly report: SimulationReport;
  /** Ms until a node knew of a change, over all changes and nodes, ascending. */
  readonly delaysMs: readonly number[];
  /** How often a node did not learn of a change in time. */
  readonly missing: number;
  /** Bytes that a running node sent in each second of virtual time, on average. */
  readonly bytesPerNodePerSecond: readonly number[];
  /** The seconds at which idle, changes and crashes begin. */
  readonly phasesAtS: { readonly idle: number; readonly changes: number; readonly crashes: number };
}

const settleMs = 20 * secondMs;
/** With the default settings: a conviction by phi takes 37 s at most; whoever comes back late after the calm is lost. */
const usual = { patienceMs: 60 * secondMs, calmMs: 120 * secondMs };

/**
 * The standard course: a converged cluster comes up and settles; is left alone, for the idle traffic; changes one state a
 * second, for convergence and the busy traffic; then some nodes crash at once, for detection. All of it under the same
 * loss, and who is held for dead without being it is counted from the idle time on. The invariants are watched from the
 * first step on; at the end the network loses nothing, and all that run must come to one view in which the dead are found
 * and the living are not lost. What is learned and found only then was not in time.
 * @throws InvariantViolation with the seed.
 */
export function simulate(options: SimulationOptions): Simulation {
  const { nodes: size, seed, kill = 0, changes = 20, idleMs = 60 * secondMs } = options;
  const lossRatio = options.lossRatio ?? 0;
  const config = { ...defaultNodeConfig, ...options.config };
  const slowness = slownessOf(config);
  const patienceMs = options.patienceMs ?? usual.patienceMs * slowness;
  const startedMs = options.clockMs();
  const random = new SeededRandom(seed ^ 0x51);
  const world = new World(seed, { ...options.network, lossRatio });
  if (options.trace !== undefined) world.record(options.trace);
  new InvariantWatch(world);
  const traffic = world.measure();
  const totalMs = settleMs + idleMs + changes * secondMs + (kill > 0 ? patienceMs / 2 : 0);
  const tell = (phase: SimulationPhase): void => options.progress?.(Math.min(0.99, world.nowMs / totalMs), phase);
  const runUntil = (untilMs: number, phase: SimulationPhase, done: () => boolean = () => false): void => {
    while (world.nowMs < untilMs && !done()) {
      world.run(Math.min(100, untilMs - world.nowMs));
      tell(phase);
    }
  };

  tell('start');
  const nodes = convergedCluster(world, size, options.config);
  // Nobody starts again.
  for (const node of nodes) node.keepsDisk = false;
  runUntil(settleMs, 'settle');
  const spreads = new SpreadWatch(world);
  const deaths = new DeathWatch(world);

  const idle = measured(() => runUntil(settleMs + idleMs, 'idle'));
  const changesAtMs = world.nowMs;
  const busy = measured(() => {
    for (let change = 0; change < changes; change++) {
      const owner = nodes[random.below(nodes.length)]!;
      spreads.change(owner, `x:sim-${change}`, `changed at ${world.nowMs}`);
      runUntil(changesAtMs + (change + 1) * secondMs, 'changes');
    }
  });
  runUntil(world.nowMs + patienceMs, 'changes', () => spreads.settled);
  const convergence = convergenceOf(spreads.spreads, size, config.gossipIntervalMs);
  const delaysMs = spreads.spreads.flatMap((spread) => spread.delaysMs).sort((left, right) => left - right);
  const missing = spreads.spreads.reduce((sum, spread) => sum + spread.missing, 0);

  const crashesAtMs = world.nowMs;
  const victims = shuffle([...nodes], random).slice(0, Math.min(kill, size - 1));
  for (const node of victims) deaths.crash(node);
  if (kill > 0) runUntil(world.nowMs + patienceMs, 'crashes', () => deaths.settled);
  const detection = detectionOf(deaths.deaths);

  world.network.change({ lossRatio: 0, streamLossRatio: null });
  const calmUntilMs = world.nowMs + usual.calmMs * slowness;
  while (differenceOf(world) !== null && world.nowMs < calmUntilMs) runUntil(world.nowMs + secondMs, 'quiet');
  demandConvergence(world);
  options.progress?.(1, 'done');

  const senders = (second: number): number => (second * secondMs < crashesAtMs ? size : size - victims.length);
  const tookMs = Math.max(1, options.clockMs() - startedMs);
  return {
    report: {
      nodes: size,
      seed,
      lossRatio,
      convergence,
      detection,
      falsePositives: deaths.falsePositives,
      sentBytesPerNodePerSecond: { idle, busy },
      simulatedMs: world.nowMs,
      speedup: round(world.nowMs / tookMs),
    },
    delaysMs,
    missing,
    bytesPerNodePerSecond: traffic.bytesPerSecond.map((bytes, second) => bytes / senders(second)),
    phasesAtS: { idle: settleMs / secondMs, changes: changesAtMs / secondMs, crashes: crashesAtMs / secondMs },
  };

  /** Bytes that a node sends a second while something runs. */
  function measured(run: () => void): number {
    const fromMs = world.nowMs;
    const before = traffic.totalBytes();
    run();
    const ms = world.nowMs - fromMs;
    return ms === 0 ? 0 : Math.round(((traffic.totalBytes() - before) / size / ms) * secondMs);
  }
}

/** How much longer these settings take than the default ones, to converge and to convict: 1 at least. */
function slownessOf({ gossipIntervalMs, detector, phiThreshold }: typeof defaultNodeConfig): number {
  const interval = Math.max(1, gossipIntervalMs / defaultNodeConfig.gossipIntervalMs);
  return detector === 'phi' ? interval * Math.max(1, phiThreshold / defaultNodeConfig.phiThreshold) : interval;
}
