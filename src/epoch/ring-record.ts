import type { HostId } from '../base/id.ts';
import type { Token } from '../token/token.ts';

/**
 * One step of the ring's history. The ring is the fold of its records (`ring-state.ts`); epoch e is decided once, by
 * the register (`epoch-register.ts`).
 *
 * `found` starts a lineage at epoch 1. `begin`, `switch`, `end` are the three steps of an operation, `abort` competes
 * with `end`. `remove` is the forced removal, `readmit` undoes a removal. `alterReplication` is reserved in format and
 * fold for the operation that changes a keyspace's replication.
 */
export const ringRecordKinds = [
  'found',
  'begin',
  'switch',
  'end',
  'abort',
  'remove',
  'readmit',
  'alterReplication',
] as const;
export type RingRecordKind = (typeof ringRecordKinds)[number];

export const operationKinds = [
  'bootstrap',
  'decommission',
  'move',
  'replace',
  'removenode',
  'alterReplication',
] as const;
export type OperationKind = (typeof operationKinds)[number];

/** A host that a record is about, with the tokens that it will own (`begin`, `found`) or none (all other kinds). */
export interface RecordSubject {
  readonly hostId: HostId;
  readonly tokens: readonly Token[];
}

/** What only `found` says: the cluster's identity and what holds for all of it. */
export interface FoundingFacts {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly detector: 'phi' | 'swim';
}

export interface RingRecord {
  /** 1 for `found`, then one more each. */
  readonly epoch: number;
  readonly kind: RingRecordKind;
  /** UUID of the history this record belongs to: minted by `found`, and anew by a forced record. */
  readonly lineage: string;
  /** Chain hash (32 lower-case hex characters) of the record before; 32 zeros for `found`. */
  readonly previous: string;
  /** UUID. All steps of one operation share it; `found`, `remove` and `readmit` have one of their own. */
  readonly operationId: string;
  /** What kind of operation `begin` opens; null for every other kind. */
  readonly operation: OperationKind | null;
  readonly subjects: readonly RecordSubject[];
  /** `begin` of a replace: the host whose tokens the subject takes over; else null. */
  readonly replaces: HostId | null;
  /**
   * False: a `begin` that an operator forced. The dead are taken for lost: data may be moved from fewer old replicas than
   * hold every acknowledged write, and steps wait for the acknowledgement of the living alone. True for all else. (Cassandra: cassandra.consistent.rangemovement)
   */
  readonly strict: boolean;
  /** The schema version (UUID) that the step stands on. */
  readonly schemaVersion: string;
  /** Who proposed it, for people. */
  readonly proposer: HostId;
  /** The proposer's unix time in ms, for people: orders nothing. */
  readonly proposedAtMs: number;
  readonly found: FoundingFacts | null;
  /** `alterReplication`: keyspace and its new replication options; else null. */
  readonly alter: ReplicationAlteration | null;
}

/** A keyspace and its new replication map, in canonical form. */
export interface ReplicationAlteration {
  readonly keyspace: string;
  readonly replication: Readonly<Record<string, string>>;
}

/** The record that began an operation, if it is among these. */
export function beginOf(records: readonly RingRecord[], operationId: string): RingRecord | undefined {
  return records.find((record) => record.kind === 'begin' && record.operationId === operationId);
}

/**
 * True where a forced removal put an open operation back to `begin` after its `switch`, if that is among these. It only goes
 * forward: somebody may still read by the switch, and would miss what is written by the ring that an `abort` makes.
 */
export function wentBack(
  records: readonly RingRecord[],
  { step, operationId }: { readonly step: 'begin' | 'switch'; readonly operationId: string },
): boolean {
  return step === 'begin' && records.some((record) => record.kind === 'switch' && record.operationId === operationId);
}

export const zeroChainHash = '0'.repeat(32);
