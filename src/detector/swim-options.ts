import { secondMs } from '../base/time.ts';

/**
 * Figures of the SWIM detector for a LAN. From the first unanswered probe to `dead` a crash takes, at its quickest,
 * minProbeTimeoutMs + indirectTimeoutMs (suspicion), 2 · minProbeTimeoutMs (confirmers), minSuspicionMs: 2.1 s. So a
 * process that stands still for two seconds can still answer for itself.
 */
export interface SwimTimings {
  /** One probe each period, times local health. SWIM's T′. Shorter finds faster and costs proportionally more. */
  readonly probePeriodMs: number;
  /** The period for `fastForMs` after a confirmed death, so that a whole rack is found at once. */
  readonly fastPeriodMs: number;
  readonly fastForMs: number;
  /** Bounds of the adaptive wait for a direct ack, times local health. */
  readonly minProbeTimeoutMs: number;
  readonly maxProbeTimeoutMs: number;
  /** After it, how long helpers and the stream may take, times local health; at least four round-trip timeouts. */
  readonly indirectTimeoutMs: number;
  /** How long confirmers may take, times local health; at least three round-trip timeouts. */
  readonly confirmTimeoutMs: number;
  /**
   * No wait is stretched further than this by local health: a probe's two waits then see every answer that takes less
   * than ten seconds. Longer, and where all are slow a crash is not found for minutes; shorter, and the slow are convicted.
   */
  readonly maxStretchedMs: number;
  /** SWIM's k: more helpers, fewer raw suspicions under loss. */
  readonly helpers: number;
  /** The design's c. */
  readonly confirmers: number;
  /** How long a suspect may take to refute: confirmed by K others, and by none. */
  readonly minSuspicionMs: number;
  readonly maxSuspicionMs: number;
  /**
   * All but the accuser, whom a refutation reaches first, wait so much longer for its `dead`; then twice as long again,
   * asking whether the suspect refuted: a rumor that was lost must not make one node hold a living one for dead.
   */
  readonly verdictGraceMs: number;
  /** Nobody at all heard for this long, nobody confirms: this node is cut off, and takes all others for dead. */
  readonly isolationMs: number;
  /** A timer that fires this late means that the own loop stood still. */
  readonly lagMs: number;
}

export const lanSwimTimings: SwimTimings = {
  probePeriodMs: secondMs,
  fastPeriodMs: 250,
  fastForMs: 5 * secondMs,
  minProbeTimeoutMs: 100,
  maxProbeTimeoutMs: 500,
  indirectTimeoutMs: 400,
  confirmTimeoutMs: 450,
  maxStretchedMs: 6 * secondMs,
  helpers: 3,
  confirmers: 3,
  minSuspicionMs: 1_400,
  maxSuspicionMs: 4_200,
  verdictGraceMs: 500,
  isolationMs: 10 * secondMs,
  lagMs: 250,
};
