import type { RingMember } from '../ring/ring-member.ts';

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
  /** Owners now. */
  readonly natural: readonly RingMember[];
  /** Owners once the open operation ends; null when none is open. */
  readonly future: readonly RingMember[] | null;
}
