import { secondMs } from '../../src/base/time.ts';
import type { DeathWatch } from '../../src/sim/death-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';
import type { LivenessLedger } from './liveness-ledger.ts';

const patienceMs = 60 * secondMs;
/** Who still differs so long after the dead are known to all is one that gossip has missed. */
export const agreementMs = 5 * secondMs;

/** Nodes crash at the same moment. Returns the share of those left whose ring and liveness views are right in the end. */
export function crashRound(
  world: World,
  watch: DeathWatch,
  ledger: LivenessLedger,
  victims: readonly SimulatedNode[],
): number {
  for (const victim of victims) watch.crash(victim);
  world.runUntil(() => watch.settled, patienceMs);
  world.run(agreementMs);
  return ledger.agreeingShare();
}
