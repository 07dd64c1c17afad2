import { createHash } from 'node:crypto';
import type { RingRecord } from './ring-record.ts';

/**
 * The chain hash of a record: the first 16 bytes of SHA-256 over its canonical form, as 32 lower-case hex characters.
 * The form holds `previous`, so equal hashes mean equal histories up to here.
 *
 * Canonical form: JSON of [field number, value] pairs, ascending by number, absent (null) fields left out. A field that is
 * added later gets the next number, and leaves the hash of every record without it as it was.
 */
export function chainHash(record: RingRecord): string {
  const { found, alter } = record;
  const fields: (readonly [number, unknown])[] = [
    [1, record.epoch],
    [2, record.kind],
    [3, record.lineage],
    [4, record.previous],
    [5, record.operationId],
    [6, record.operation],
    [7, record.subjects.map((subject) => [subject.hostId, subject.tokens.map(String)])],
    [8, record.replaces],
    [9, record.schemaVersion],
    [10, record.proposer],
    [11, record.proposedAtMs],
    [12, found === null ? null : [found.clusterId, found.clusterName, found.detector]],
    [13, alter === null ? null : [alter.keyspace, Object.entries(alter.replication).sort(byName)]],
    [14, record.strict ? null : false],
  ];
  const canonical = JSON.stringify(fields.filter(([, value]) => value !== null));
  return createHash('sha256').update(canonical).digest('hex').slice(0, 32);
}

const byName = ([left]: readonly [string, string], [right]: readonly [string, string]): number =>
  left < right ? -1 : left > right ? 1 : 0;
