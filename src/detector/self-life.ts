import type { HostId } from '../base/id.ts';
import type { LivenessClaim } from './liveness-claim.ts';
import type { SwimContext } from './swim-context.ts';

/** No node refutes this often in one life: a claim from here on is forged, and only a new generation outbids it for good. */
const maxIncarnation = 2 ** 24;
/** So many suspicions running does a node refute that is not well. */
const maxRefutations = 3;

/**
 * This node's own life: which one it is, and the refutation of what is said of it (SWIM section 4.2). A suspicion is
 * refuted at once, but a death, or the fourth suspicion running, only by a node that is well: others cannot use one
 * that loses most of its packets, and would bury it again and again (Rapid's case).
 */
export class SelfLife {
  readonly #context: SwimContext;
  #generation = 0;
  #incarnation = 0;
  /** The incarnation in which others accuse this node, while it is not well enough to contradict. */
  #contested: number | null = null;
  /** Refutations since this node was last well. */
  #refutations = 0;

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
    if (claim.generation < this.generation || context.isAbsurd(claim.generation, this.#generation)) return;
    const sameLife = claim.generation === this.#generation;
    const said = claim.liveness === 'alive' ? claim.incarnation - 1 : claim.incarnation;
    if (sameLife && !claim.left && said < this.#incarnation) return;
    if (!sameLife || claim.left || claim.incarnation >= maxIncarnation) {
      context.effects.selfClaim(claim, from);
      return;
    }
    const { health } = context;
    const contested = claim.liveness === 'dead' || this.#contested !== null || this.#refutations >= maxRefutations;
    context.convalescent = !(contested ? health.isSurelyWell : health.isWell);
    if (contested && context.convalescent) {
      this.#contested = Math.max(this.#contested ?? 0, claim.incarnation);
      return;
    }
    health.refuted();
    this.#refute(claim.incarnation);
  }

  /** A probe of this node was answered: enough of them in a row, and it refutes the death that it is held for. */
  answered(): void {
    const { isWell, isSurelyWell } = this.#context.health;
    const isEnough = this.#contested === null ? isWell : isSurelyWell;
    if (!isEnough) return;
    this.#refutations = 0;
    this.#context.convalescent = false;
    if (this.#contested !== null) this.#refute(this.#contested);
  }

  #refute(incarnation: number): void {
    this.#incarnation = Math.max(this.#incarnation, incarnation + 1);
    this.#refutations++;
    this.#contested = null;
    this.#tell();
  }

  /** A new generation is told at once: whoever holds a forged claim about the one before waits for it. */
  #follow(): void {
    const generation = this.#context.ownGeneration();
    if (generation === this.#generation) return;
    const raised = this.#generation !== 0;
    this.#generation = generation;
    this.#incarnation = 0;
    this.#contested = null;
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
