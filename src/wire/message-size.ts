import type { HostId } from '../base/id.ts';
import type { Delta, GossipDigest } from '../gossip/delta.ts';
import type { Message, SingleMessage } from '../node/message.ts';
import type { Rumors } from '../node/rumor-message.ts';
import type { LivenessClaim } from './claim-codec.ts';
import { knownKeyPlaces } from './gossip-codec.ts';
import { encodeMessage } from './message-codec.ts';

/** The host id that stands for every sender when a message is measured: all are equally long. */
const anySender: HostId = '00000000-0000-4000-8000-000000000000';
const uuidBytes = 2 + 16;
/** Version, tag and sender, without the array header before them. */
const headBytes = 1 + 1 + uuidBytes;
const headItems = 3;
const nullBytes = 1;

/**
 * How long messages are on the wire, sender's host id included and without any frame: what `encodeMessage` gives, mostly
 * without encoding, since a simulated world measures each message that it sends. Of what is seldom said each message is
 * encoded once, however often it is asked for.
 */
export class MessageSizes {
  readonly #encoded = new WeakMap<SingleMessage, number>();

  of(message: Message): number {
    // No message alone has so many fields that its array header takes more than a byte.
    if (message.kind !== 'bundle') return 1 + headBytes + this.#fieldBytes(message);
    let bytes = arrayHeaderBytes(headItems + message.messages.length) + headBytes;
    // Array header and tag.
    for (const each of message.messages) bytes += 2 + this.#fieldBytes(each);
    return bytes;
  }

  #fieldBytes(message: SingleMessage): number {
    const quick = fieldBytes(message);
    if (quick !== null) return quick;
    let bytes = this.#encoded.get(message);
    if (bytes === undefined) {
      bytes = encodeMessage(anySender, message).length - 1 - headBytes;
      this.#encoded.set(message, bytes);
    }
    return bytes;
  }
}

/** The fields of what failure detector and gossip say, or null for everything else. */
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
      return listBytes(message.claims, claimBytes);
    case 'roots':
      return message.liveness.high === 0 && message.liveness.low === 0 ? 2 + 8 : 2 + 16;
    case 'buckets':
      return 1 + binaryBytes(4 * message.hashes.length);
    case 'syn': {
      const { digests, scope } = message;
      const scopeBytes = scope === null ? 0 : integerBytes(scope.count) + binaryBytes(scope.buckets.length);
      return 1 + digestsBytes(digests) + scopeBytes;
    }
    case 'ack':
      return digestsBytes(message.requests) + listBytes(message.deltas, deltaBytes);
    case 'ack2':
      return listBytes(message.deltas, deltaBytes);
    case 'rumors':
      return rumorsBytes(message);
    default:
      return null;
  }
}

/** Deltas and claims; empty lists at the end are left out. */
function rumorsBytes({ claims, records, definitions, deltas }: Rumors): number | null {
  if (records.length + definitions.length > 0) return null;
  if (claims.length > 0) return listBytes(deltas, deltaBytes) + listBytes(claims, claimBytes);
  return deltas.length === 0 ? 0 : listBytes(deltas, deltaBytes);
}

/** The host ids as one binary, and three numbers for each. */
function digestsBytes(digests: readonly GossipDigest[]): number {
  let bytes = binaryBytes(16 * digests.length) + arrayHeaderBytes(3 * digests.length);
  for (const { generation, version, bulkVersion } of digests) {
    bytes += integerBytes(generation) + integerBytes(version) + integerBytes(bulkVersion);
  }
  return bytes;
}

/** Array header, host id, numbers, counter, and the entries as one flat array. */
function deltaBytes({ generation, from, to, entries }: Delta): number {
  const numbers = integerBytes(generation) + 1 + integerBytes(from) + integerBytes(to);
  let bytes = 1 + uuidBytes + numbers + arrayHeaderBytes(3 * entries.length);
  for (const [key, { value, version }] of entries) {
    bytes += (knownKeyPlaces.has(key) ? 1 : textBytes(key)) + (value === null ? nullBytes : textBytes(value));
    bytes += integerBytes(version);
  }
  return bytes;
}

const buddyBytes = (buddy: LivenessClaim | null): number => (buddy === null ? nullBytes : claimBytes(buddy));

/** Array header, host id, numbers, liveness, accuser, and the confirmers as one binary. */
function claimBytes(claim: LivenessClaim): number {
  const accuserBytes = claim.accuser === null ? nullBytes : uuidBytes;
  return 1 + uuidBytes + lifeBytes(claim) + 1 + accuserBytes + binaryBytes(16 * claim.confirmers.length);
}

const lifeBytes = ({ generation, incarnation }: Pick<LivenessClaim, 'generation' | 'incarnation'>): number =>
  integerBytes(generation) + integerBytes(incarnation);

function listBytes<T>(items: readonly T[], sizeOf: (item: T) => number): number {
  let bytes = arrayHeaderBytes(items.length);
  for (const item of items) bytes += sizeOf(item);
  return bytes;
}

/** From here on all as msgpackr writes it. */
const arrayHeaderBytes = (items: number): number => (items < 0x10 ? 1 : items < 0x10000 ? 3 : 5);

const binaryBytes = (length: number): number => (length < 0x100 ? 2 : length < 0x10000 ? 3 : 5) + length;

function textBytes(text: string): number {
  const length = Buffer.byteLength(text);
  return (length < 0x20 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5) + length;
}

/** From 0 on; beyond 32 bits as a double. */
function integerBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x100) return 2;
  if (value < 0x10000) return 3;
  return value < 0x100000000 ? 5 : 9;
}
