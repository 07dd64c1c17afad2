/** The door `murmuring/sim`: the deterministic simulator that murmuring is tested with. Named exports only. */
export { lanNetwork, type NetworkOptions } from './network.ts';
export type { SimulatedNode } from './simulated-node.ts';
export { addressOf, literalSeeds, type Tap, World } from './world.ts';
