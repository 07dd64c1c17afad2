/** Lifeguard's S: the highest score. */
export const maxLocalHealthScore = 8;
/** From this score on the node counts itself as slow: it convicts nobody alone and confirms nothing. */
const slowScore = 3;
/** So many probes running answered, and the node counts itself as well; and as surely so. */
const wellAnswers = 3;
const surelyWellAnswers = 4;

/**
 * How much this node should doubt itself (Lifeguard section III.A, local health multiplier). 0 is well. The score grows
 * with each sign that messages do not get through *here*, and falls with each probe that is answered; timeouts and the
 * probe period are multiplied by score + 1, up to 9 as in the paper.
 *
 * Invariant: 0 ≤ score ≤ `maxLocalHealthScore`.
 */
export class LocalHealth {
  #score = 0;
  /** The newest probe that was answered in time, and how many running were up to it; 0 once a later one was not. */
  #answeredTurn = 0;
  #answeredInARow = 0;

  get score(): number {
    return this.#score;
  }

  /** What timeouts are multiplied by. */
  get multiplier(): number {
    return this.#score + 1;
  }

  get isSlow(): boolean {
    return this.#score >= slowScore;
  }

  /** Probes sent one after another were all answered directly and in time: this node reaches others, and they reach it. */
  get isWell(): boolean {
    return this.#answeredInARow >= wellAnswers;
  }

  /** One more: of 10,000 probes that lose four packets in five both ways, not one is the last of so many answered ones. */
  get isSurelyWell(): boolean {
    return this.#answeredInARow >= surelyWellAnswers;
  }

  /** A probe was answered directly in time. `turn` counts this node's probes in the order in which they were sent. */
  answered(turn: number): void {
    this.#add(-1);
    if (turn < this.#answeredTurn) return;
    this.#answeredInARow = turn === this.#answeredTurn + 1 ? this.#answeredInARow + 1 : 1;
    this.#answeredTurn = turn;
  }

  /**
   * A probe was not. Whose fault that is, its helpers tell. Where waits are stretched it tells of seconds ago: nothing
   * about what was sent, and answered, since.
   */
  missed(turn: number): void {
    if (turn > this.#answeredTurn) this.#answeredInARow = 0;
  }

  /**
   * A probe failed. Helpers that sent neither ack nor nack are one sign each; with no helper to ask the failed probe is
   * one itself.
   */
  failed(helpersAsked: number, helpersHeard: number): void {
    this.#add(helpersAsked === 0 ? 1 : helpersAsked - helpersHeard);
  }

  /** This node had to refute a suspicion: it did not answer in time. */
  refuted(): void {
    this.#add(1);
  }

  /** The own event loop stood still for so long: slow at once, more so the longer it was. */
  lagged(forMs: number): void {
    this.#answeredInARow = 0;
    this.#add(forMs < 1_000 ? 1 : slowScore + Math.floor(forMs / 1_000) - 1);
  }

  #add(points: number): void {
    this.#score = Math.min(maxLocalHealthScore, Math.max(0, this.#score + points));
  }
}
