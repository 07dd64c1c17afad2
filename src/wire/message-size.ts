import type { HostId } from '../base/id.ts';
import type { Message, SingleMessage } from '../node/message.ts';
import type { Rumors } from '../node/rumor-message.ts';
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
 * The same, without encoding, of what a cluster says almost all the time: what the failure detector says, and the roots
 * that ride on it. Null for everything else.
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
    case 'nack':
      return integerBytes(message.probe);
    case 'probe':
      return integerBytes(message.probe) + buddyBytes(message.buddy);
    case 'probeAck':
      return integerBytes(message.probe) + lifeBytes(message) + buddyBytes(message.buddy);
    case 'probeRequest':
      return integerBytes(message.probe) + uuidBytes;
    case 'probeRelay':
    case 'confirm':
      return integerBytes(message.probe) + uuidBytes + lifeBytes(message);
    case 'confirmed':
      return integerBytes(message.probe) + 1 + lifeBytes(message);
    case 'claims':
      return claimsBytes(message.claims);
    case 'rumors':
      return rumorsBytes(message);
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

/** The empty list of deltas stands before the claims; what comes after them is left out where it is empty. */
function rumorsBytes({ claims, records, definitions, deltas }: Rumors): number | null {
  const others = records.length + definitions.length + deltas.length;
  return others > 0 || claims.length === 0 ? null : 1 + claimsBytes(claims);
}

/** Array header, host id, numbers, liveness, accuser, and the confirmers as one binary. */
function claimBytes(claim: LivenessClaim): number {
  const accuserBytes = claim.accuser === null ? nullBytes : uuidBytes;
  return 1 + uuidBytes + lifeBytes(claim) + 1 + accuserBytes + 2 + 16 * claim.confirmers.length;
}

const lifeBytes = ({ generation, incarnation }: Pick<LivenessClaim, 'generation' | 'incarnation'>): number =>
  integerBytes(generation) + integerBytes(incarnation);

/** An integer from 0 on, as msgpackr writes it: beyond 32 bits as a double. */
function integerBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x100) return 2;
  if (value < 0x10000) return 3;
  return value < 0x100000000 ? 5 : 9;
}
