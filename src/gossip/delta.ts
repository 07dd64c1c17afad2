import type { HostId } from '../base/id.ts';
import type { Counter } from './endpoint-state.ts';
import type { VersionedValue } from './versioned-value.ts';

/**
 * (host id, generation, from, to]: all that changed on one counter after `from` up to `to`, oldest first, an immutable
 * snapshot. It joins on if the generation is equal and from ≤ have < to; then have = to. `from` 0 is the whole state of
 * that counter (Cassandra's hole of CASSANDRA-19983 is closed by naming the base).
 */
export interface Delta {
  readonly hostId: HostId;
  readonly generation: number;
  readonly counter: Counter;
  readonly from: number;
  readonly to: number;
  readonly entries: readonly (readonly [key: string, value: VersionedValue])[];
}

/** Where a node stands with one endpoint: in a digest, and as a request ("I have this, send what follows"). */
export interface GossipDigest {
  readonly hostId: HostId;
  /** 0 when the endpoint is unknown: everything is asked for. */
  readonly generation: number;
  readonly version: number;
  readonly bulkVersion: number;
}
