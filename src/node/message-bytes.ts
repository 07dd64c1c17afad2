import type { RingRecord } from '../epoch/ring-record.ts';
import type { Delta } from '../gossip/delta.ts';
import type { Message } from './message.ts';

/** Sender's host id, kind, array headers. */
const fixedBytes = 48;
const digestBytes = 32;
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
      return fixedBytes + message.digests.length * digestBytes;
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
    case 'schemaPush':
    case 'shadowSyn':
    case 'shadowWaiting':
    case 'shadowAck':
      return Number.POSITIVE_INFINITY;
    case 'ping':
    case 'pong':
    case 'prepare':
    case 'accepted':
    case 'reject':
    case 'recordsRequest':
    case 'recall':
    case 'recalled':
    case 'schemaPull':
    case 'goodbye':
    case 'viewRequest':
    case 'viewAnswer':
      return fixedBytes + recordBytes;
  }
}

const sizeOfDelta = (delta: Delta): number => deltaBytes + sum(delta.entries, ([, value]) => value.encodedBytes);

const sizeOfRecord = (record: RingRecord): number =>
  recordBytes + sum(record.subjects, (subject) => subjectBytes + subject.tokens.length * tokenBytes);

function sum<T>(items: readonly T[], sizeOf: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += sizeOf(item);
  return total;
}
