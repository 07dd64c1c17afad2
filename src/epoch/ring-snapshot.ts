import type { OperationKind, RecordSubject } from './ring-record.ts';

/** What a member is in the ring, by the records alone (liveness is another matter). */
export const ownershipStates = ['joining', 'normal', 'leaving', 'moving', 'replacing'] as const;
export type OwnershipState = (typeof ownershipStates)[number];

/** The one operation that is open, between its `begin` and its `end` or `abort`. */
export interface OpenOperation {
  readonly operationId: string;
  readonly kind: OperationKind;
  readonly step: 'begin' | 'switch';
  readonly subjects: readonly RecordSubject[];
  readonly replaces: string | null;
  /** As its `begin` said. */
  readonly strict: boolean;
  /** `alterReplication`: keyspace and its new replication options; else null. */
  readonly alter: { readonly keyspace: string; readonly replication: Readonly<Record<string, string>> } | null;
  readonly beginEpoch: number;
  /**
   * Epoch that made the ring of this step: that of its record, or of a forced removal since. What members acknowledge and
   * move is by the ring of this epoch.
   */
  readonly stepEpoch: number;
  /** Advisory: the proposer's time of `begin`. */
  readonly beganAtMs: number;
}

/** The fold of a prefix as plain data, for the wire and the store: what `ring-state.ts` is made from and made into. */
export interface RingSnapshot {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly detector: 'phi' | 'swim';
  readonly lineage: string;
  readonly epoch: number;
  readonly chainHash: string;
  readonly members: readonly {
    readonly hostId: string;
    readonly state: OwnershipState;
    readonly tokens: readonly bigint[];
    /** Epoch of the last record that touched this member. */
    readonly sinceEpoch: number;
  }[];
  readonly operation: OpenOperation | null;
  /** Host ids that may never come back, and the epoch that removed them. */
  readonly removed: readonly { readonly hostId: string; readonly epoch: number }[];
}
