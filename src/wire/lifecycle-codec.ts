import {
  joinOutcomes,
  type LifecycleMessage,
  type MovementStanding,
  type OperationReport,
  operationAsks,
} from '../lifecycle/lifecycle-message.ts';
import { maxTokensPerHost } from '../token/token-list.ts';
import type { CodecTable } from './codec-table.ts';
import { hexToBytes, tokensToBytes, uuidsToBytes, uuidToBytes } from './compact-fields.ts';
import type { FieldReader } from './field-reader.ts';
import { decodeDeltas, encodeDelta } from './gossip-codec.ts';
import {
  decodePosition,
  decodeRecord,
  decodeRemovedHost,
  decodeSnapshot,
  decodeSnapshotMember,
  decodeStrict,
  encodePosition,
  encodeRecord,
  encodeRemovedHost,
  encodeSnapshot,
  encodeSnapshotMember,
  encodeStrict,
} from './ring-record-codec.ts';
import { wireLimits } from './wire-limits.ts';

/** Progress goes in whole thousandths. */
const thousandths = 1_000;
const roundBytes = 8;
const maxQuery = 2 ** 32 - 1;
/** Parts of one shadow answer: a cluster of the largest size in parts of 48 KiB. */
const maxParts = 4_096;
/** What an operation waits for is a sentence or two for each member, and nobody reads hundreds. */
const maxSentences = 64;
/** Bytes of a ring fingerprint; none while there is no ring. */
const maxFingerprintBytes = 32;

/** Starting, joining, stopping, and being asked. */
export const lifecycleCodecs: CodecTable<LifecycleMessage> = {
  shadowSyn: {
    tag: 64,
    encode: ({ round, address, foundingSet, clusterId, brief }) => [
      hexToBytes(round),
      address,
      uuidsToBytes(foundingSet),
      clusterId === null ? null : uuidToBytes(clusterId),
      ...(brief ? [1] : []),
    ],
    decode: (fields) => ({
      kind: 'shadowSyn',
      round: fields.hex('round', roundBytes),
      address: fields.text('address', wireLimits.addressBytes),
      foundingSet: fields.uuids('foundingSet', wireLimits.members),
      clusterId: fields.nullable(() => fields.uuid('clusterId')),
      brief: fields.remaining > 0 && fields.integer('brief', 1, 1) === 1,
    }),
  },
  shadowWaiting: {
    tag: 65,
    encode: ({ round, foundingSet }) => [hexToBytes(round), uuidsToBytes(foundingSet)],
    decode: (fields) => ({
      kind: 'shadowWaiting',
      round: fields.hex('round', roundBytes),
      foundingSet: fields.uuids('foundingSet', wireLimits.members),
    }),
  },
  shadowAck: {
    tag: 66,
    encode: ({ round, part, parts, clusterId, wallMs, snapshot, members, removed, records, states }) => [
      hexToBytes(round),
      part,
      parts,
      uuidToBytes(clusterId),
      wallMs,
      snapshot === null ? null : encodeSnapshot(snapshot),
      records.map(encodeRecord),
      states.map(encodeDelta),
      ...(members.length + removed.length === 0
        ? []
        : [members.map(encodeSnapshotMember), removed.map(encodeRemovedHost)]),
    ],
    decode: (fields) => {
      const round = fields.hex('round', roundBytes);
      const part = fields.integer('part', 0, maxParts - 1);
      return {
        kind: 'shadowAck',
        round,
        part,
        parts: fields.integer('parts', part + 1, maxParts),
        clusterId: fields.uuid('clusterId'),
        wallMs: fields.integer('wallMs'),
        snapshot: fields.nullable(() => fields.nested('snapshot', decodeSnapshot)),
        records: fields.list('records', wireLimits.records, decodeRecord),
        states: decodeDeltas(fields),
        members: fields.remaining === 0 ? [] : fields.list('members', wireLimits.members, decodeSnapshotMember),
        removed: fields.remaining === 0 ? [] : fields.list('removed', wireLimits.removed, decodeRemovedHost),
      };
    },
  },
  joinRequest: {
    tag: 67,
    encode: ({ tokens, count, strict }) => [
      tokensToBytes(tokens),
      ...(tokens.length > 0 ? [] : [count]),
      ...encodeStrict(strict),
    ],
    decode: (fields) => {
      const tokens = fields.tokens('tokens');
      const count = tokens.length > 0 ? tokens.length : fields.integer('count', 1, maxTokensPerHost);
      return { kind: 'joinRequest', tokens, count, strict: decodeStrict(fields) };
    },
  },
  joinAnswer: {
    tag: 68,
    encode: ({ outcome, reason, taken }) => [
      joinOutcomes.indexOf(outcome),
      textForPeople(reason),
      tokensToBytes(taken),
    ],
    decode: (fields) => ({
      kind: 'joinAnswer',
      outcome: fields.oneOf('outcome', joinOutcomes),
      reason: fields.text('reason', wireLimits.textBytes),
      taken: fields.tokens('taken'),
    }),
  },
  goodbye: {
    tag: 69,
    encode: ({ generation }) => [generation],
    decode: (fields) => ({ kind: 'goodbye', generation: fields.integer('generation') }),
  },
  viewRequest: {
    tag: 70,
    encode: ({ query }) => [query],
    decode: (fields) => ({ kind: 'viewRequest', query: fields.integer('query', 0, maxQuery) }),
  },
  viewAnswer: {
    tag: 71,
    encode: ({ query, generation, schemaVersion, ringFingerprint, at, operation }) => [
      query,
      generation,
      uuidToBytes(schemaVersion),
      hexToBytes(ringFingerprint),
      encodePosition(at),
      ...(operation === null ? [] : [encodeReport(operation)]),
    ],
    decode: (fields) => ({
      kind: 'viewAnswer',
      query: fields.integer('query', 0, maxQuery),
      generation: fields.integer('generation'),
      schemaVersion: fields.uuid('schemaVersion'),
      ringFingerprint: fields.hexOrEmpty('ringFingerprint', maxFingerprintBytes),
      at: fields.nested('at', decodePosition),
      operation: fields.remaining === 0 ? null : fields.nested('operation', decodeReport),
    }),
  },
  replaceRequest: {
    tag: 74,
    encode: ({ replaces, strict }) => [uuidToBytes(replaces), ...encodeStrict(strict)],
    decode: (fields) => ({
      kind: 'replaceRequest',
      replaces: fields.uuid('replaces'),
      strict: decodeStrict(fields),
    }),
  },
  operationQuery: {
    tag: 72,
    encode: ({ operationId, stepEpoch, ringFingerprint, ask, unacknowledged }) => [
      uuidToBytes(operationId),
      stepEpoch,
      operationAsks.indexOf(ask),
      hexToBytes(ringFingerprint),
      ...(unacknowledged.length === 0 ? [] : [uuidsToBytes(unacknowledged)]),
    ],
    decode: (fields) => ({
      kind: 'operationQuery',
      operationId: fields.uuid('operationId'),
      stepEpoch: fields.integer('stepEpoch'),
      ask: fields.oneOf('ask', operationAsks),
      ringFingerprint: fields.hexOrEmpty('ringFingerprint', maxFingerprintBytes),
      unacknowledged: fields.remaining === 0 ? [] : fields.uuids('unacknowledged', wireLimits.members),
    }),
  },
  operationAnswer: {
    tag: 73,
    encode: ({ operationId, epoch, ringFingerprint, keyspacesVersion, movements }) => [
      uuidToBytes(operationId),
      epoch,
      uuidToBytes(keyspacesVersion),
      movements === null ? null : encodeStanding(movements),
      hexToBytes(ringFingerprint),
    ],
    decode: (fields) => ({
      kind: 'operationAnswer',
      operationId: fields.uuid('operationId'),
      epoch: fields.integer('epoch'),
      keyspacesVersion: fields.uuid('keyspacesVersion'),
      movements: fields.nullable(() => fields.nested('movements', decodeStanding)),
      ringFingerprint: fields.hexOrEmpty('ringFingerprint', maxFingerprintBytes),
    }),
  },
};

/** Cut to what the receiver takes: a sentence that names hundreds of hosts must not cost the message that it is in. */
function textForPeople(text: string): string {
  if (Buffer.byteLength(text) <= wireLimits.textBytes) return text;
  // Room for the ellipsis, and for what becomes of a character that is cut in two.
  return `${Buffer.from(text).toString('utf8', 0, wireLimits.textBytes - 6)}…`;
}

function encodeReport({ operationId, movements, waitingFor }: OperationReport): unknown[] {
  const standing = movements === null ? null : encodeStanding(movements);
  return [uuidToBytes(operationId), standing, waitingFor.map((sentence) => [textForPeople(sentence)])];
}

function decodeReport(fields: FieldReader): OperationReport {
  return {
    operationId: fields.uuid('operationId'),
    movements: fields.nullable(() => fields.nested('movements', decodeStanding)),
    waitingFor: fields.list('waitingFor', maxSentences, (each) => each.text('sentence', wireLimits.textBytes)),
  };
}

function encodeStanding({ total, done, ratio, failed }: MovementStanding): unknown[] {
  return [total, done, Math.round(ratio * thousandths), failed === null ? null : textForPeople(failed)];
}

function decodeStanding(fields: FieldReader): MovementStanding {
  const total = fields.integer('total');
  return {
    total,
    done: fields.integer('done', 0, total),
    ratio: fields.integer('ratio', 0, thousandths) / thousandths,
    failed: fields.nullable(() => fields.text('failed', wireLimits.textBytes)),
  };
}
