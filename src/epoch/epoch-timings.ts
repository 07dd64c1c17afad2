/** The register's times, in ms. All waits are jittered by the register itself. */
export interface EpochTimings {
  /**
   * An unanswered request is repeated after this, then after twice as long each time; also the first back-off after a
   * rejection. Longer than a round trip and a commit, else every request is sent twice.
   */
  readonly repeatMs: number;
  /** Where doubling stops. Bounds how long a healed majority waits for the next try. */
  readonly maxRepeatMs: number;
  /** A voter that holds an acceptance undecided for this long proposes it again. */
  readonly completeAfterMs: number;
  readonly recallRepeatMs: number;
  /** A starting voter waits this long for every voter's memory; then a majority's will do. */
  readonly recallPatienceMs: number;
  /** How long a majority may be missing before it is told, and told again. */
  readonly tellMissingMs: number;
  /** A history that is to be adopted must arrive within this. */
  readonly adoptMs: number;
  /** Who holds another history, and is in reach, shows it more often than this. */
  readonly forkShownMs: number;
}

export const defaultTimings: EpochTimings = {
  repeatMs: 300,
  maxRepeatMs: 4_000,
  completeAfterMs: 2_000,
  recallRepeatMs: 1_000,
  recallPatienceMs: 5_000,
  tellMissingMs: 5_000,
  adoptMs: 20_000,
  forkShownMs: 60_000,
};
