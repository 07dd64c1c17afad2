import type { RingMember } from '../ring/ring-member.ts';
import type { OpenChange } from '../ring/router.ts';

/**
 * The ring: the fold of the records joined with addresses, datacenters and racks of the states. Immutable; equal epoch
 * and equal attributes give an equal view whatever the order of arrival.
 */
export interface RingView {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly lineage: string;
  readonly epoch: number;
  readonly chainHash: string;
  readonly fingerprint: string;
  /** Owners before the open operation; the owners, where none is open. */
  readonly natural: readonly RingMember[];
  /** What the open operation makes of them, and how far it has come; null when none is open. */
  readonly change: OpenChange | null;
}
