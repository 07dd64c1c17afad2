import { SeededRandom } from '../../src/base/random.ts';
import { secondMs } from '../../src/base/time.ts';
import type { NodeConfig } from '../../src/node/node-config.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { DeathWatch } from '../../src/sim/death-watch.ts';
import type { NetworkOptions } from '../../src/sim/network.ts';
import { playScenario, type Step } from '../../src/sim/scenario.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

export interface EnduranceOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly config: Partial<NodeConfig>;
  readonly forMs: number;
  readonly network?: Partial<NetworkOptions>;
  readonly steps?: readonly Step[];
  /** Places of nodes that are not well: what happens to them is counted apart. */
  readonly faulty?: readonly number[];
}

export interface EnduranceSample {
  /** Well nodes that somebody held for dead. */
  readonly healthyDead: number;
  readonly faultyDead: number;
  /** Verdicts "dead" about faulty nodes by anybody, divided by observers: how often each of them flapped. */
  readonly flapsPerFaulty: number;
  /** Bytes a second and node, and the same in the same world while it was left alone. */
  readonly sentBytes: number;
  readonly idleBytes: number;
}

const idleMs = 30 * secondMs;

/** Nobody crashes: a cluster under bad conditions for a time, and who is held for dead all the same. */
export function runEndurance(options: EnduranceOptions): EnduranceSample {
  const { nodes: size, seed, forMs, steps = [], faulty = [] } = options;
  const world = new World(seed);
  const traffic = world.measure();
  const nodes = convergedCluster(world, size, options.config);
  world.run(20 * secondMs);
  const bytesOf = (ms: number): number => {
    const before = traffic.totalBytes();
    world.run(ms);
    return ((traffic.totalBytes() - before) / size / ms) * secondMs;
  };
  const idleBytes = bytesOf(idleMs);
  const watch = new DeathWatch(world);
  const ill = new Set<SimulatedNode>(faulty.map((place) => nodes[place]!));
  let illVerdicts = 0;
  const illHosts = new Set([...ill].map((node) => node.hostId));
  world.listen((_node, event) => {
    if (event.kind === 'liveness' && event.liveness === 'dead' && illHosts.has(event.hostId)) illVerdicts++;
  });
  world.network.change(options.network ?? {});
  playScenario(world, steps, new SeededRandom(seed));
  const sentBytes = bytesOf(forMs);
  const dead = [...watch.falselyDead];
  return {
    healthyDead: dead.filter((node) => !ill.has(node)).length,
    faultyDead: dead.filter((node) => ill.has(node)).length,
    flapsPerFaulty: ill.size === 0 ? 0 : illVerdicts / ill.size / (size - 1),
    sentBytes,
    idleBytes,
  };
}
