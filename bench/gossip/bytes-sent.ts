import { secondMs } from '../../src/base/time.ts';
import type { Traffic } from '../../src/sim/traffic.ts';
import type { World } from '../../src/sim/world.ts';

/** What a node sends while `run` lets time pass: bytes a second, of all nodes on average. None may have crashed. */
export function bytesSent(world: World, traffic: Traffic, run: () => void): number {
  const fromMs = world.nowMs;
  const before = traffic.totalBytes();
  run();
  return ((traffic.totalBytes() - before) / world.nodes.length / (world.nowMs - fromMs)) * secondMs;
}
