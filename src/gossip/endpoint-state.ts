import type { HostId } from '../base/id.ts';
import type { VersionedValue } from './versioned-value.ts';

/** The two counters of a node. A delta belongs to one of them and joins on to it alone. */
export type Counter = 'state' | 'bulk';

/**
 * All that is known of one node (Cassandra's EndpointState with its HeartbeatState): immutable, replaced as a whole.
 * Invariant: every value's version ≤ the counter it belongs to; the holder has *all* changes up to both counters.
 */
export interface EndpointState {
  readonly hostId: HostId;
  /** Seconds-like number that rises with each start of the node. */
  readonly generation: number;
  /** The state counter: heartbeat and every value but the bulk keys. */
  readonly version: number;
  readonly bulkVersion: number;
  readonly values: ReadonlyMap<string, VersionedValue>;
  /** Tombstones at or below this version are forgotten: a request from below it gets the whole state. */
  readonly floor: number;
}
