/** The door `murmuring/sim`: the deterministic simulator that murmuring is tested with. Named exports only. */
export { convergedCluster } from './converged-cluster.ts';
export { type Death, DeathWatch } from './death-watch.ts';
export { compareStyles, exchangeTicks, type StyleFigures } from './exchange-styles.ts';
export { demandConvergence, differenceOf } from './invariants/convergence.ts';
export type { Invariant } from './invariants/invariant.ts';
export { allInvariants, InvariantWatch } from './invariants/invariant-watch.ts';
export { type FaultyLink, lanNetwork, type Network, type NetworkOptions } from './network.ts';
export { percentile } from './percentile.ts';
export { type NodeChoice, playScenario, type Step, type StepListener } from './scenario.ts';
export type { SimulatedNode } from './simulated-node.ts';
export { type Simulation, type SimulationOptions, type SimulationPhase, simulate } from './simulation.ts';
export type { SimulationReport } from './simulation-report.ts';
export { type Spread, SpreadWatch } from './spread-watch.ts';
export { Trace } from './trace.ts';
export type { Traffic } from './traffic.ts';
export { addressOf, literalSeeds, type Tap, World } from './world.ts';
