import type { HostId } from '../base/id.ts';
import type { LivenessClaim } from './liveness-claim.ts';
import type { SwimContext } from './swim-context.ts';

/** No node refutes this often in one life: a claim from here on is forged, and only a new generation outbids it for good. */
const maxIncarnation = 2 ** 24;

/** This node's own life: which one it is, and the refutation of what is said of it (SWIM section 4.2). */
export class SelfLife {
  readonly #context: SwimContext;
  #generation = 0;
  #incarnation = 0;

  constructor(context: SwimContext) {
    this.#context = context;
  }

  get generation(): number {
    this.#follow();
    return this.#generation;
  }

  get incarnation(): number {
    this.#follow();
    return this.#incarnation;
  }

  /** Somebody claims something of this node. Only what is not alive, or above what this node ever said, needs an answer. */
  claimed(claim: LivenessClaim, from: HostId): void {
    const context = this.#context;
    if (claim.generation < this.generation || claim.generation > context.latestGeneration) return;
    const sameLife = claim.generation === this.#generation;
    if (sameLife && (claim.incarnation < this.#incarnation || claim.liveness === 'alive')) {
      if (claim.incarnation <= this.#incarnation) return;
    }
    if (!sameLife || claim.left || claim.incarnation >= maxIncarnation) {
      context.effects.selfClaim(claim, from);
      return;
    }
    this.#incarnation = claim.incarnation + 1;
    context.health.refuted();
    this.#tell();
  }

  /** A new generation is told at once: whoever holds a forged claim about the one before waits for it. */
  #follow(): void {
    const generation = this.#context.ownGeneration();
    if (generation === this.#generation) return;
    const raised = this.#generation !== 0;
    this.#generation = generation;
    this.#incarnation = 0;
    if (raised) this.#tell();
  }

  #tell(): void {
    this.#context.effects.tell({
      hostId: this.#context.hostId,
      generation: this.#generation,
      incarnation: this.#incarnation,
      liveness: 'alive',
      accuser: null,
      confirmers: [],
      left: false,
    });
  }
}
