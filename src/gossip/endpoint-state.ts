import type { HostId } from '../base/id.ts';
import type { VersionedValue } from './versioned-value.ts';

/** The two counters of a node. A delta belongs to one of them and joins on to it alone. */
export type Counter = 'state' | 'bulk';

/**
 * All that is known of one node (Cassandra's EndpointState with its HeartbeatState): immutable, replaced as a whole.
 * Invariant: every value's version ≤ the counter it belongs to; the holder has *all* changes up to both counters, but
 * for those that a later change of the same key (which it will be sent) has made void.
 */
export interface EndpointState {
  readonly hostId: HostId;
  /** Seconds-like number that rises with each start of the node. Below 2^32, as are all versions. */
  readonly generation: number;
  /** The state counter: heartbeat and every value but the bulk keys. */
  readonly version: number;
  readonly bulkVersion: number;
  readonly values: ReadonlyMap<string, VersionedValue>;
  /** Tombstones of the state counter at or below it may be forgotten: a request from below it gets the whole state. */
  readonly floor: number;
  /** The same for the bulk counter. */
  readonly bulkFloor: number;
}

/** The version of one counter of a state. */
export function versionOf(state: EndpointState, counter: Counter): number {
  return counter === 'state' ? state.version : state.bulkVersion;
}

/** The floor of one counter of a state. */
export function floorOf(state: EndpointState, counter: Counter): number {
  return counter === 'state' ? state.floor : state.bulkFloor;
}
