import { InvariantViolation } from '../../base/error.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';
import type { Invariant } from './invariant.ts';
import { NothingGoesBack } from './nothing-goes-back.ts';
import { OneOpenOperation } from './one-open-operation.ts';
import { OneOwnerPerToken } from './one-owner-per-token.ts';
import { OneRecordPerEpoch } from './one-record-per-epoch.ts';
import { RemovedStaysOut } from './removed-stays-out.ts';
import { SoleWriter } from './sole-writer.ts';

/**
 * Watches a world from its first step on. The first rule that is broken throws an `InvariantViolation` out of the step
 * that broke it, with the seed that brings it back.
 */
export class InvariantWatch {
  readonly #world: World;
  readonly #invariants: readonly Invariant[];
  /** How often a rule was looked at: a watch that saw nothing proves nothing. */
  looks = 0;

  constructor(world: World, invariants: readonly Invariant[] = allInvariants()) {
    this.#world = world;
    this.#invariants = invariants;
    world.observe((node) => this.#look(node));
  }

  #look(node: SimulatedNode): void {
    for (const invariant of this.#invariants) {
      this.looks++;
      const broken = invariant.look(node);
      if (broken === null) continue;
      const { seed, nowMs } = this.#world;
      throw new InvariantViolation(
        `seed ${seed} at ${Math.round(nowMs)} ms, ${node.address}: ${invariant.rule}, but ${broken}`,
      );
    }
  }
}

/** Every rule, each with a memory of its own: one set for one world. */
export function allInvariants(): Invariant[] {
  return [
    new OneRecordPerEpoch(),
    new OneOpenOperation(),
    new OneOwnerPerToken(),
    new NothingGoesBack(),
    new SoleWriter(),
    new RemovedStaysOut(),
  ];
}
