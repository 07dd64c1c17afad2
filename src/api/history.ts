import Type, { type Static } from 'typebox';
import { Fork } from './fork.ts';
import { Epoch, Replication, RingFingerprint, TokenText, UnixMs, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** A step of the ring's history. */
export const HistoryRecord = closed({
  epoch: Epoch,
  kind: Type.Enum(['found', 'begin', 'switch', 'end', 'abort', 'remove', 'readmit', 'alterReplication']),
  lineage: Uuid,
  /** Chain hash of the record before: 32 hexadecimal characters, zeros before `found`. */
  previous: Type.String(),
  operationId: Uuid,
  /** What kind of operation `begin` opens; null for all other records. */
  operation: nullable(Type.String()),
  subjects: Type.Array(closed({ hostId: Uuid, tokens: Type.Array(TokenText) })),
  /** `begin` of a replace: whose tokens the subject takes over. */
  replaces: nullable(Uuid),
  /** False: a `begin` that was forced although ranges had too few live sources. */
  strict: Type.Boolean(),
  /** The schema version that the step stands on. */
  schemaVersion: Uuid,
  proposer: Uuid,
  proposedAtMs: UnixMs,
  found: nullable(closed({ clusterId: Uuid, clusterName: Type.String(), detector: Type.Enum(['phi', 'swim']) })),
  alter: nullable(closed({ keyspace: Type.String(), replication: Replication })),
});
export type HistoryRecord = Static<typeof HistoryRecord>;

/** `GET /v1/history`: the ring records that this node keeps (at least the last 1,000), ascending by epoch. */
export const History = closed({
  lineage: Uuid,
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  /** Chain hash of the last record: equal hashes, equal histories. */
  chainHash: Type.String(),
  /** Records up to this epoch are folded and no longer listed; 0 while all are kept. */
  prefixEpoch: Epoch,
  fork: nullable(Fork),
  records: Type.Array(HistoryRecord),
});
export type History = Static<typeof History>;
