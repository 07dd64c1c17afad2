import type { HostId } from '../base/id.ts';
import type { AcceptorState, RememberedVoter } from '../epoch/acceptor-state.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { RingSnapshot } from '../epoch/ring-snapshot.ts';
import type { RingState } from '../epoch/ring-state.ts';
import type { Delta } from '../gossip/delta.ts';
import type { EndpointState } from '../gossip/endpoint-state.ts';
import type { SchemaDefinition } from '../schema/schema-definition.ts';

/** Who this node is. Written at first start, then with each new generation. */
export interface StoredIdentity {
  readonly hostId: HostId;
  readonly clusterName: string;
  /** Null until the node has founded or learned its cluster. */
  readonly clusterId: string | null;
  readonly generation: number;
  readonly datacenter: string;
  readonly rack: string;
}

/** Where a long procedure of this node stands. */
export interface StoredLifecycle {
  /** `observing`: never asked to join; `joining`: tokens chosen and asked for; `joined`: the records named it once. */
  readonly phase: 'observing' | 'joining' | 'joined';
  readonly tokens: readonly bigint[];
  /** Whose place is to be taken: a plain start goes on with it, and never joins beside whom it was to replace. */
  readonly replaces?: HostId;
}

/** What this node has moved for the open operation, so that a restart asks only for what is missing. */
export interface StoredMovements {
  readonly operationId: string;
  /** Movement ids. */
  readonly done: readonly string[];
}

/**
 * A peer as last heard of: its whole state, and when it was last seen alive (unix ms, 0 never), as far as that was
 * written down: a peer that goes on living is written only when its state changes.
 */
export interface StoredPeer {
  readonly hostId: HostId;
  readonly address: string;
  readonly lastSeenMs: number;
  /** Whole states (`from` 0) of the two counters. */
  readonly states: readonly Delta[];
}

/** One durable fact. The store keeps the newest of each kind and key. */
export type StoreRecord =
  | { readonly kind: 'identity'; readonly identity: StoredIdentity }
  | { readonly kind: 'lifecycle'; readonly lifecycle: StoredLifecycle }
  | { readonly kind: 'movements'; readonly movements: StoredMovements }
  | { readonly kind: 'acceptor'; readonly acceptor: AcceptorState }
  | { readonly kind: 'remembered'; readonly voter: RememberedVoter }
  | { readonly kind: 'ringRecord'; readonly record: RingRecord }
  /** Replaces every record up to and including the snapshot's epoch. */
  | { readonly kind: 'ringSnapshot'; readonly snapshot: RingSnapshot }
  /** Does away with every record and snapshot that came before it, whatever their epochs. */
  | { readonly kind: 'ringForgotten' }
  | { readonly kind: 'peer'; readonly peer: StoredPeer }
  | { readonly kind: 'forgetPeer'; readonly hostId: HostId }
  | { readonly kind: 'schema'; readonly definition: SchemaDefinition };

/** All that a store holds, as `start` gets it. */
export interface StoredState {
  readonly identity: StoredIdentity | null;
  readonly lifecycle: StoredLifecycle | null;
  /** Of the last operation that this node moved data for; null if there was none. */
  readonly movements: StoredMovements | null;
  readonly acceptor: AcceptorState | null;
  readonly remembered: readonly RememberedVoter[];
  readonly snapshot: RingSnapshot | null;
  /** Ascending by epoch, without gaps, first of snapshot epoch + 1 (or 1). */
  readonly records: readonly RingRecord[];
  readonly peers: readonly StoredPeer[];
  readonly schema: readonly SchemaDefinition[];
  /**
   * Only in the simulator, for a cluster that begins in the middle of its life: the fold of the snapshot, made once for
   * all nodes. Such a store forgot nothing, so its voter asks nobody what it may have promised.
   */
  readonly fold?: RingState;
  /** With it: the states that `peers` tell of, and this node's own, which counts for nothing. */
  readonly states?: readonly EndpointState[];
}

export const emptyStoredState: StoredState = {
  identity: null,
  lifecycle: null,
  movements: null,
  acceptor: null,
  remembered: [],
  snapshot: null,
  records: [],
  peers: [],
  schema: [],
};
