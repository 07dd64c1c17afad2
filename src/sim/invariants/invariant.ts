import type { SimulatedNode } from '../simulated-node.ts';

/** A rule that must hold after every step of every node of a world, whatever the network, the disks and the clocks do. */
export interface Invariant {
  /** The rule, in a sentence. */
  readonly rule: string;
  /** Looks at a running node that has just taken an input. What is broken, with both sides named; null if nothing is. */
  look(node: SimulatedNode): string | null;
}
