import type { HostId } from '../base/id.ts';
import type { TokenRange } from '../token/token-range.ts';

/** Ranges of one keyspace whose data must reach one set of targets before the open operation may go on. Immutable. */
export interface RangeMovement {
  /** The same at every node, at every start, and whatever the sources are. */
  readonly id: string;
  readonly operationId: string;
  readonly operation: 'bootstrap' | 'decommission' | 'move' | 'replace' | 'removenode' | 'alterReplication';
  readonly keyspace: string;
  readonly ranges: readonly TokenRange[];
  /** All are to be read, and what they hold merged. */
  readonly sources: readonly HostId[];
  /** Who become replicas of the ranges. */
  readonly targets: readonly HostId[];
  /** The epoch by whose ring the movement is needed: that of the operation's `begin`. */
  readonly epoch: number;
}
