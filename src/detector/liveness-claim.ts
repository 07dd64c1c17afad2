import type { HostId } from '../base/id.ts';

/** A local opinion, apart from what the ring says. It never moves ownership. Ascending by weight: dead beats suspect. */
export const livenessStates = ['alive', 'suspect', 'dead'] as const;
export type Liveness = (typeof livenessStates)[number];

/** How many independent confirmations shorten a suspicion to its minimum (Lifeguard's K); a claim names no more. */
export const maxConfirmations = 3;

/**
 * What somebody says of a host's life (SWIM section 4.2), spread from node to node as a rumor. Immutable, kept in a
 * table of the detector, never persisted and no part of `EndpointState`. Which of two claims stands: `member-state.ts`.
 */
export interface LivenessClaim {
  /** Whom it is about. */
  readonly hostId: HostId;
  /** The life of that host (unix seconds) that it is about. */
  readonly generation: number;
  /** From 0 in each generation; raised by the host alone, and only to refute. */
  readonly incarnation: number;
  readonly liveness: Liveness;
  /** Who said so first by its own probes; null if it is the host itself (a refutation). Relays leave it as it is. */
  readonly accuser: HostId | null;
  /** Who found the same by probes of its own, accuser not counted: at most `maxConfirmations`. Of `suspect` only. */
  readonly confirmers: readonly HostId[];
  /** `dead` only: the host announced a clean stop. It stays down until a higher generation. */
  readonly left: boolean;
}
