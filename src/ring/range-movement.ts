import type { HostId } from '../base/id.ts';
import type { TokenRange } from '../token/token-range.ts';
import type { RingOperationKind } from './future-owners.ts';

/**
 * Ranges of one keyspace whose data must reach one new replica before the open operation may go on. Immutable.
 * (Cassandra: StreamSession of a bootstrap, decommission, move, rebuild)
 */
export interface RangeMovement {
  /** The same at every node, at every start, and whoever of the old replicas lives; another for other ranges or replicas. */
  readonly id: string;
  readonly operationId: string;
  readonly operation: RingOperationKind;
  readonly keyspace: string;
  /** Ascending, none overlapping or touching another. */
  readonly ranges: readonly TokenRange[];
  /** All are to be read, and what they hold merged, with what the target holds already. */
  readonly sources: readonly HostId[];
  /** Whose data must be complete afterwards: one host. */
  readonly targets: readonly HostId[];
  /** The epoch by whose ring the movement is needed. */
  readonly epoch: number;
}
