import { secondMs } from '../../src/base/time.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';

const settleMs = 20 * secondMs;

/** A cluster in the middle of its life that has come to rest, for a world in which nobody starts again: no disk is kept. */
export function restingCluster(world: World, size: number): SimulatedNode[] {
  const nodes = convergedCluster(world, size, { detector: 'swim' });
  for (const node of nodes) node.keepsDisk = false;
  world.run(settleMs);
  return nodes;
}
