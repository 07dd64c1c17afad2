import type { HistoryPosition } from '../epoch/epoch-message.ts';
import { operationKinds, type RecordSubject, type RingRecord, ringRecordKinds } from '../epoch/ring-record.ts';
import { type OpenOperation, ownershipStates, type RingSnapshot } from '../epoch/ring-snapshot.ts';
import { hexToBytes, tokensToBytes, uuidToBytes } from './compact-fields.ts';
import type { FieldReader } from './field-reader.ts';
import { decodeReplication, encodeReplication } from './replication-codec.ts';
import { wireLimits } from './wire-limits.ts';

const chainHashBytes = 16;
const detectors = ['phi', 'swim'] as const;
const steps = ['begin', 'switch'] as const;

/** The parts of which messages about the ring's history are made: positions, records and snapshots. */

export function encodePosition({ epoch, chainHash, lineage }: HistoryPosition): unknown[] {
  return [epoch, hexToBytes(chainHash), uuidToBytes(lineage)];
}

export function decodePosition(fields: FieldReader): HistoryPosition {
  return {
    epoch: fields.integer('epoch'),
    chainHash: fields.hex('chainHash', chainHashBytes),
    lineage: fields.uuid('lineage'),
  };
}

export function encodeRecord(record: RingRecord): unknown[] {
  const { found, alter, operation, replaces } = record;
  return [
    record.epoch,
    ringRecordKinds.indexOf(record.kind),
    uuidToBytes(record.lineage),
    hexToBytes(record.previous),
    uuidToBytes(record.operationId),
    operation === null ? null : operationKinds.indexOf(operation),
    record.subjects.map(encodeSubject),
    replaces === null ? null : uuidToBytes(replaces),
    uuidToBytes(record.schemaVersion),
    uuidToBytes(record.proposer),
    record.proposedAtMs,
    found === null ? null : [uuidToBytes(found.clusterId), found.clusterName, detectors.indexOf(found.detector)],
    encodeAlteration(alter),
    ...encodeStrict(record.strict),
  ];
}

/** Structure and ranges only: whether a record may follow another is the fold's to judge. */
export function decodeRecord(fields: FieldReader): RingRecord {
  return {
    epoch: fields.integer('epoch', 1),
    kind: fields.oneOf('kind', ringRecordKinds),
    lineage: fields.uuid('lineage'),
    previous: fields.hex('previous', chainHashBytes),
    operationId: fields.uuid('operationId'),
    operation: fields.nullable(() => fields.oneOf('operation', operationKinds)),
    subjects: fields.list('subjects', wireLimits.subjects, decodeSubject),
    replaces: fields.nullable(() => fields.uuid('replaces')),
    schemaVersion: fields.uuid('schemaVersion'),
    proposer: fields.uuid('proposer'),
    proposedAtMs: fields.integer('proposedAtMs'),
    found: fields.nullable(() =>
      fields.nested('found', (facts) => ({
        clusterId: facts.uuid('clusterId'),
        clusterName: facts.text('clusterName', wireLimits.clusterNameBytes),
        detector: facts.oneOf('detector', detectors),
      })),
    ),
    alter: decodeAlteration(fields),
    strict: decodeStrict(fields),
  };
}

/** Whether too few sources stop it, of records, operations and requests to join: a last field, there only if they do not. */
export function encodeStrict(strict: boolean): number[] {
  return strict ? [] : [0];
}

export function decodeStrict(fields: FieldReader): boolean {
  return fields.remaining === 0 || fields.integer('strict', 0, 0) !== 0;
}

type Alteration = RingRecord['alter'];

function encodeAlteration(alter: Alteration): unknown[] | null {
  return alter === null ? null : [alter.keyspace, encodeReplication(alter.replication)];
}

function decodeAlteration(fields: FieldReader): Alteration {
  return fields.nullable(() =>
    fields.nested('alter', (alter) => ({
      keyspace: alter.text('keyspace', wireLimits.definitionNameBytes),
      replication: decodeReplication(alter),
    })),
  );
}

export function encodeSnapshot(snapshot: RingSnapshot): unknown[] {
  return [
    uuidToBytes(snapshot.clusterId),
    snapshot.clusterName,
    detectors.indexOf(snapshot.detector),
    ...encodePosition(snapshot),
    snapshot.members.map(encodeSnapshotMember),
    snapshot.operation === null ? null : encodeOperation(snapshot.operation),
    snapshot.removed.map(encodeRemovedHost),
  ];
}

export function decodeSnapshot(fields: FieldReader): RingSnapshot {
  return {
    clusterId: fields.uuid('clusterId'),
    clusterName: fields.text('clusterName', wireLimits.clusterNameBytes),
    detector: fields.oneOf('detector', detectors),
    ...decodePosition(fields),
    members: fields.list('members', wireLimits.members, decodeSnapshotMember),
    operation: fields.nullable(() => fields.nested('operation', decodeOperation)),
    removed: fields.list('removed', wireLimits.removed, decodeRemovedHost),
  };
}

type SnapshotMember = RingSnapshot['members'][number];
type RemovedHost = RingSnapshot['removed'][number];

/** One member of a snapshot. */
export function encodeSnapshotMember({ hostId, state, tokens, sinceEpoch }: SnapshotMember): unknown[] {
  return [uuidToBytes(hostId), ownershipStates.indexOf(state), tokensToBytes(tokens), sinceEpoch];
}

export function decodeSnapshotMember(fields: FieldReader): SnapshotMember {
  return {
    hostId: fields.uuid('hostId'),
    state: fields.oneOf('state', ownershipStates),
    tokens: fields.tokens('tokens'),
    sinceEpoch: fields.integer('sinceEpoch'),
  };
}

/** One removed host of a snapshot. */
export function encodeRemovedHost({ hostId, epoch }: RemovedHost): unknown[] {
  return [uuidToBytes(hostId), epoch];
}

export function decodeRemovedHost(fields: FieldReader): RemovedHost {
  return { hostId: fields.uuid('hostId'), epoch: fields.integer('epoch') };
}

function encodeSubject({ hostId, tokens }: RecordSubject): unknown[] {
  return [uuidToBytes(hostId), tokensToBytes(tokens)];
}

function decodeSubject(fields: FieldReader): RecordSubject {
  return { hostId: fields.uuid('hostId'), tokens: fields.tokens('tokens') };
}

function encodeOperation(operation: OpenOperation): unknown[] {
  return [
    uuidToBytes(operation.operationId),
    operationKinds.indexOf(operation.kind),
    steps.indexOf(operation.step),
    operation.subjects.map(encodeSubject),
    operation.replaces === null ? null : uuidToBytes(operation.replaces),
    encodeAlteration(operation.alter),
    operation.beginEpoch,
    operation.stepEpoch,
    operation.beganAtMs,
    ...encodeStrict(operation.strict),
  ];
}

function decodeOperation(fields: FieldReader): OpenOperation {
  return {
    operationId: fields.uuid('operationId'),
    kind: fields.oneOf('kind', operationKinds),
    step: fields.oneOf('step', steps),
    subjects: fields.list('subjects', wireLimits.subjects, decodeSubject),
    replaces: fields.nullable(() => fields.uuid('replaces')),
    alter: decodeAlteration(fields),
    beginEpoch: fields.integer('beginEpoch'),
    stepEpoch: fields.integer('stepEpoch'),
    beganAtMs: fields.integer('beganAtMs'),
    strict: decodeStrict(fields),
  };
}
