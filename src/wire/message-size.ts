import type { HostId } from '../base/id.ts';
import type { Message, SingleMessage } from '../node/message.ts';
import type { LivenessClaim } from './claim-codec.ts';
import { encodeMessage } from './message-codec.ts';

/** The host id that stands for every sender when a message is measured: all are equally long. */
const anySender: HostId = '00000000-0000-4000-8000-000000000000';
/** Array header, protocol version, tag, and the sender as a binary of 16. */
const uuidBytes = 18;
const headBytes = 1 + 1 + 1 + uuidBytes;
const nullBytes = 1;

/** The length of `encodeMessage`, sender's host id included. */
export function encodedBytes(message: Message): number {
  return quickBytes(message) ?? encodeMessage(anySender, message).length;
}

/**
 * The same, without encoding, of what a cluster says almost all the time: probes and their answers, the roots that ride
 * on them, and claims. Null for everything else.
 */
export function quickBytes(message: Message): number | null {
  if (message.kind !== 'bundle') {
    const fields = fieldBytes(message);
    return fields === null ? null : headBytes + fields;
  }
  if (message.messages.length > maxShortArray - 3) return null;
  let bytes = headBytes;
  for (const each of message.messages) {
    const fields = fieldBytes(each);
    if (fields === null) return null;
    // Array header and tag.
    bytes += 2 + fields;
  }
  return bytes;
}

/** Beyond so many items the header of an array takes more than a byte. */
const maxShortArray = 15;

/** The fields of a message whose layout is fixed, or null for every other. */
function fieldBytes(message: SingleMessage): number | null {
  switch (message.kind) {
    case 'probe':
      return integerBytes(message.probe) + buddyBytes(message.buddy);
    case 'probeAck':
      return (
        integerBytes(message.probe) +
        integerBytes(message.generation) +
        integerBytes(message.incarnation) +
        buddyBytes(message.buddy)
      );
    case 'claims':
      return claimsBytes(message.claims);
    case 'rumors':
      if (message.records.length + message.definitions.length + message.deltas.length > 0) return null;
      // The empty list of deltas stands before the claims.
      return 1 + claimsBytes(message.claims);
    case 'roots':
      return message.liveness.high === 0 && message.liveness.low === 0 ? 2 + 8 : 2 + 16;
    default:
      return null;
  }
}

const buddyBytes = (buddy: LivenessClaim | null): number => (buddy === null ? nullBytes : claimBytes(buddy));

function claimsBytes(claims: readonly LivenessClaim[]): number {
  let bytes = claims.length <= maxShortArray ? 1 : 3;
  for (const claim of claims) bytes += claimBytes(claim);
  return bytes;
}

/** Array header, host id, numbers, liveness, accuser, and the confirmers as one binary. */
function claimBytes({ generation, incarnation, accuser, confirmers }: LivenessClaim): number {
  const numbers = integerBytes(generation) + integerBytes(incarnation) + 1;
  return 1 + uuidBytes + numbers + (accuser === null ? nullBytes : uuidBytes) + 2 + 16 * confirmers.length;
}

/** An integer from 0 on, as msgpackr writes it: beyond 32 bits as a double. */
function integerBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x100) return 2;
  if (value < 0x10000) return 3;
  return value < 0x100000000 ? 5 : 9;
}
