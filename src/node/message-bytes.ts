import type { LivenessClaim } from '../detector/liveness-claim.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { Delta } from '../gossip/delta.ts';
import { utf8Bytes } from '../gossip/versioned-value.ts';
import type { OperationReport } from '../lifecycle/lifecycle-message.ts';
import type { SchemaDefinition } from '../schema/schema-definition.ts';
import type { Message, SingleMessage } from './message.ts';

/** Sender's host id, kind, array headers. */
const fixedBytes = 48;
/** The head of a bundle; and what each message saves in it, whose sender it need not name. */
export const bundleHeadBytes = 24;
const savedInBundleBytes = 16;
const claimBytes = 56;
/** A generation and an incarnation. */
const lifeBytes = 10;
const uuidBytes = 16;
export const digestBytes = 32;
const deltaBytes = 40;
const recordBytes = 200;
const subjectBytes = 24;
const tokenBytes = 8;

/**
 * How many bytes a message takes on the wire at most, as a sum of what was measured when its parts were made: the core
 * never encodes. Only used to choose the channel, so it errs to "too large".
 */
export function messageBytes(message: Message): number {
  switch (message.kind) {
    case 'syn':
      return fixedBytes + message.digests.length * digestBytes + (message.scope?.buckets.length ?? 0);
    case 'roots':
      return fixedBytes;
    case 'buckets':
      return fixedBytes + message.hashes.length * 4;
    case 'rumors':
      return (
        fixedBytes +
        sum(message.claims, sizeOfClaim) +
        sum(message.records, sizeOfRecord) +
        sum(message.definitions, sizeOfDefinition) +
        sum(message.deltas, sizeOfDelta)
      );
    case 'bundle':
      return bundleHeadBytes + sum(message.messages, sizeInBundle);
    case 'ack':
      return fixedBytes + message.requests.length * digestBytes + sum(message.deltas, sizeOfDelta);
    case 'ack2':
      return fixedBytes + sum(message.deltas, sizeOfDelta);
    case 'promise':
      return fixedBytes + recordBytes + (message.accepted === null ? 0 : sizeOfRecord(message.accepted.record));
    case 'accept':
      return fixedBytes + recordBytes + sizeOfRecord(message.record);
    case 'records':
      // A snapshot is as long as the ring is large: always a stream's.
      if (message.snapshot !== null) return Number.POSITIVE_INFINITY;
      return fixedBytes + 80 + message.votes.length * 32 + sum(message.records, sizeOfRecord);
    case 'joinRequest':
      return fixedBytes + message.tokens.length * tokenBytes;
    case 'joinAnswer':
      return fixedBytes + message.reason.length * 3 + message.taken.length * tokenBytes;
    case 'operationAnswer':
      return fixedBytes + 3 * uuidBytes + utf8Bytes(message.movements?.failed ?? '');
    case 'replaceRequest':
      return fixedBytes + 2 * uuidBytes;
    case 'operationQuery':
      return fixedBytes + (2 + message.unacknowledged.length) * uuidBytes;
    case 'schemaPush':
    case 'shadowSyn':
    case 'shadowWaiting':
    case 'shadowAck':
      return Number.POSITIVE_INFINITY;
    case 'probe':
    case 'probeAck':
      return fixedBytes + (message.buddy === null ? 0 : sizeOfClaim(message.buddy));
    case 'claims':
      return fixedBytes + sum(message.claims, sizeOfClaim);
    case 'ping':
    case 'pong':
    case 'nack':
    case 'probeRequest':
    case 'confirmed':
    case 'schemaVersion':
      return fixedBytes;
    case 'probeRelay':
    case 'confirm':
      return fixedBytes + lifeBytes;
    case 'prepare':
    case 'accepted':
    case 'reject':
    case 'recordsRequest':
    case 'recall':
    case 'recalled':
    case 'schemaPull':
    case 'goodbye':
    case 'viewRequest':
      return fixedBytes + recordBytes;
    case 'viewAnswer':
      return fixedBytes + recordBytes + (message.operation === null ? 0 : reportBytes(message.operation));
  }
}

/** The bytes of one message of a bundle at most. */
export function sizeInBundle(message: SingleMessage): number {
  return messageBytes(message) - savedInBundleBytes;
}

/** The bytes of a claim, a record, a definition or a delta in a message, at most. */
export const sizeOfClaim = (claim: LivenessClaim): number => claimBytes + claim.confirmers.length * uuidBytes;

export const sizeOfDefinition = ({ name, replication, document }: SchemaDefinition): number =>
  48 + utf8Bytes(name) + utf8Bytes(document ?? '') + sizeOfReplication(replication);

function sizeOfReplication(replication: Readonly<Record<string, string>> | null): number {
  let bytes = 0;
  for (const [option, value] of Object.entries(replication ?? {})) bytes += 8 + utf8Bytes(option) + utf8Bytes(value);
  return bytes;
}

export const sizeOfDelta = (delta: Delta): number => deltaBytes + sum(delta.entries, ([, value]) => value.encodedBytes);

export const sizeOfRecord = ({ subjects, found, alter }: RingRecord): number =>
  recordBytes +
  utf8Bytes(found?.clusterName ?? '') +
  utf8Bytes(alter?.keyspace ?? '') +
  sizeOfReplication(alter?.replication ?? null) +
  sum(subjects, (subject) => subjectBytes + subject.tokens.length * tokenBytes);

function sum<T>(items: readonly T[], sizeOf: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += sizeOf(item);
  return total;
}

function reportBytes({ movements, waitingFor }: OperationReport): number {
  const sentences = waitingFor.reduce((sum, sentence) => sum + utf8Bytes(sentence) + 8, 0);
  return 2 * uuidBytes + utf8Bytes(movements?.failed ?? '') + sentences;
}
