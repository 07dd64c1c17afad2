import type { RememberedVoter } from '../epoch/acceptor-state.ts';
import type { Ballot } from '../epoch/ballot.ts';
import { type EpochMessage, rejectReasons } from '../epoch/epoch-message.ts';
import type { CodecTable } from './codec-table.ts';
import { hexToBytes, uuidToBytes } from './compact-fields.ts';
import type { FieldReader } from './field-reader.ts';
import {
  decodePosition,
  decodeRecord,
  decodeSnapshot,
  encodePosition,
  encodeRecord,
  encodeSnapshot,
} from './ring-record-codec.ts';
import { wireLimits } from './wire-limits.ts';

/** The register's messages: votes on an epoch, and the records once they are decided. */
export const epochCodecs: CodecTable<EpochMessage> = {
  prepare: {
    tag: 32,
    encode: ({ epoch, ballot, previous, known }) => [epoch, ...encodeBallot(ballot), hexToBytes(previous), known],
    decode: (fields) => ({
      kind: 'prepare',
      epoch: fields.integer('epoch', 1),
      ballot: decodeBallot(fields),
      previous: fields.hex('previous', 16),
      known: fields.integer('known'),
    }),
  },
  promise: {
    tag: 33,
    encode: ({ epoch, ballot, accepted, commitNumber }) => [
      epoch,
      ...encodeBallot(ballot),
      accepted === null ? null : [...encodeBallot(accepted.ballot), encodeRecord(accepted.record)],
      commitNumber,
    ],
    decode: (fields) => ({
      kind: 'promise',
      epoch: fields.integer('epoch', 1),
      ballot: decodeBallot(fields),
      accepted: fields.nullable(() =>
        fields.nested('accepted', (accepted) => ({
          ballot: decodeBallot(accepted),
          record: accepted.nested('record', decodeRecord),
        })),
      ),
      commitNumber: fields.integer('commitNumber'),
    }),
  },
  accept: {
    tag: 34,
    encode: ({ epoch, ballot, record, known }) => [epoch, ...encodeBallot(ballot), encodeRecord(record), known],
    decode: (fields) => ({
      kind: 'accept',
      epoch: fields.integer('epoch', 1),
      ballot: decodeBallot(fields),
      record: fields.nested('record', decodeRecord),
      known: fields.integer('known'),
    }),
  },
  accepted: {
    tag: 35,
    encode: ({ epoch, ballot, commitNumber }) => [epoch, ...encodeBallot(ballot), commitNumber],
    decode: (fields) => ({
      kind: 'accepted',
      epoch: fields.integer('epoch', 1),
      ballot: decodeBallot(fields),
      commitNumber: fields.integer('commitNumber'),
    }),
  },
  reject: {
    tag: 36,
    encode: ({ epoch, ballot, reason, promised, at }) => [
      epoch,
      ...encodeBallot(ballot),
      rejectReasons.indexOf(reason),
      promised === null ? null : encodeBallot(promised),
      encodePosition(at),
    ],
    decode: (fields) => ({
      kind: 'reject',
      epoch: fields.integer('epoch', 1),
      ballot: decodeBallot(fields),
      reason: fields.oneOf('reason', rejectReasons),
      promised: fields.nullable(() => fields.nested('promised', decodeBallot)),
      at: fields.nested('at', decodePosition),
    }),
  },
  records: {
    tag: 37,
    encode: ({ after, snapshot, records, votes }) => [
      encodePosition(after),
      snapshot === null ? null : encodeSnapshot(snapshot),
      records.map(encodeRecord),
      votes.map(({ hostId, commitNumber }) => [uuidToBytes(hostId), commitNumber]),
    ],
    decode: (fields) => ({
      kind: 'records',
      after: fields.nested('after', decodePosition),
      snapshot: fields.nullable(() => fields.nested('snapshot', decodeSnapshot)),
      records: fields.list('records', wireLimits.records, decodeRecord),
      votes: fields.list('votes', wireLimits.members, decodeVote),
    }),
  },
  recordsRequest: {
    tag: 38,
    encode: ({ at }) => encodePosition(at),
    decode: (fields) => ({ kind: 'recordsRequest', at: decodePosition(fields) }),
  },
  recall: {
    tag: 39,
    encode: ({ commitNumber }) => [commitNumber],
    decode: (fields) => ({ kind: 'recall', commitNumber: fields.integer('commitNumber') }),
  },
  recalled: {
    tag: 40,
    encode: ({ known }) => [known],
    decode: (fields) => ({ kind: 'recalled', known: fields.integer('known') }),
  },
};

function encodeBallot({ round, hostId }: Ballot): unknown[] {
  return [round, uuidToBytes(hostId)];
}

function decodeBallot(fields: FieldReader): Ballot {
  return { round: fields.integer('round', 1), hostId: fields.uuid('hostId') };
}

function decodeVote(fields: FieldReader): RememberedVoter {
  return { hostId: fields.uuid('hostId'), commitNumber: fields.integer('commitNumber') };
}
