import { Packr } from 'msgpackr';
import type { HostId } from '../base/id.ts';
import { shadowMessageKinds } from '../lifecycle/lifecycle-message.ts';
import type { Bundle, Message, SingleMessage } from '../node/message.ts';
import type { CodecTable, KindCodec } from './codec-table.ts';
import { uuidToBytes } from './compact-fields.ts';
import { detectorCodecs } from './detector-codec.ts';
import { epochCodecs } from './epoch-codec.ts';
import { BadField, FieldReader } from './field-reader.ts';
import { gossipCodecs } from './gossip-codec.ts';
import { lifecycleCodecs } from './lifecycle-codec.ts';
import { scanMsgpack } from './msgpack-scanner.ts';
import { type Rejection, rejection } from './rejection.ts';
import { rumorCodecs } from './rumor-codec.ts';
import { schemaCodecs } from './schema-codec.ts';

/**
 * Messages as bytes: one positional msgpack array, `[protocol version, tag, sender's host id, …fields of the kind]`.
 * No maps, no extensions, no records. Decoding trusts nothing: the headers are scanned before msgpackr sees the bytes,
 * and every field is checked before a message is made of it (peers.md 3, rules 8, 9 and 12).
 */

/** Changes when a field of any kind changes its place or meaning. New kinds and state keys leave it as it is. */
export const protocolVersion = 1;

/** The families that messages fall into, for budgets, counters and faults. */
export const messageFamilies = ['gossip', 'detector', 'epoch', 'schema', 'lifecycle'] as const;
export type MessageFamily = (typeof messageFamilies)[number];

const families = {
  gossip: { ...gossipCodecs, ...rumorCodecs },
  detector: detectorCodecs,
  epoch: epochCodecs,
  schema: schemaCodecs,
  lifecycle: lifecycleCodecs,
} as const;

const codecs: CodecTable<SingleMessage> = {
  ...gossipCodecs,
  ...rumorCodecs,
  ...detectorCodecs,
  ...epochCodecs,
  ...schemaCodecs,
  ...lifecycleCodecs,
};

/** A kind's own codec and message type belong together; the compiler cannot follow that through a union. */
type AnyCodec = KindCodec<SingleMessage>;

const codecByTag: ReadonlyMap<number, AnyCodec & { readonly kind: string }> = new Map(
  Object.entries(codecs).map(([kind, codec]) => [codec.tag, { ...(codec as unknown as AnyCodec), kind }]),
);

const familyByKind: ReadonlyMap<string, MessageFamily> = new Map(
  messageFamilies.flatMap((family) => Object.keys(families[family]).map((kind) => [kind, family] as const)),
);

/** The tag of a bundle: what follows are messages, each an array of its tag and fields. */
const bundleTag = 0;

/** Without records and extensions msgpackr keeps nothing between two calls: one serves every node of the process. */
const packr = new Packr({ useRecords: false, moreTypes: false });

/** Which family a message belongs to; a bundle to that of its first message. */
export function familyOf(message: Message): MessageFamily {
  return familyByKind.get(message.kind === 'bundle' ? message.messages[0]!.kind : message.kind)!;
}

/** Whether a message belongs to the shadow round: it travels in shadow frames, and nothing else does. */
export function isShadowMessage(message: Message): boolean {
  return shadowMessageKinds.has(message.kind);
}

/**
 * The bytes of a message, sender's host id included; no envelope yet. Limits are the receiver's to check. Throws
 * `InvariantViolation` for an id or hash of the message that is none.
 */
export function encodeMessage(sender: HostId, message: Message): Uint8Array {
  const head = [protocolVersion, message.kind === 'bundle' ? bundleTag : tagOf(message), uuidToBytes(sender)];
  if (message.kind !== 'bundle') return packr.pack([...head, ...fieldsOf(message)]);
  return packr.pack([...head, ...message.messages.map((each) => [tagOf(each), ...fieldsOf(each)])]);
}

const codecOf = (message: SingleMessage): AnyCodec => codecs[message.kind] as unknown as AnyCodec;
const tagOf = (message: SingleMessage): number => codecOf(message).tag;
const fieldsOf = (message: SingleMessage): unknown[] => codecOf(message).encode(message);

/** A message and who says that it is from him. Whether that is so, the envelope tells. */
export interface DecodedMessage {
  readonly sender: HostId;
  readonly message: Message;
}

/** The message again, or why there is none: `malformed`, `tooLarge` or `otherVersion`. Never throws. */
export function decodeMessage(bytes: Uint8Array): DecodedMessage | Rejection {
  const refused = scanMsgpack(bytes);
  if (refused !== null) return refused;
  try {
    const fields = new FieldReader(packr.unpack(bytes) as unknown[], 'message');
    const version = fields.integer('protocolVersion');
    if (version !== protocolVersion) return rejection('otherVersion', `protocol version ${version}`);
    const tag = fields.integer('tag');
    const sender = fields.uuid('sender');
    const message = tag === bundleTag ? decodeBundle(fields) : decodeSingle(tag, fields);
    fields.end();
    return { sender, message };
  } catch (error) {
    if (error instanceof BadField) return rejection(error.reason, error.message);
    // The scanner lets nothing through that msgpackr refuses, as far as we know; should it, the input is to blame.
    return rejection('malformed', String(error));
  }
}

function decodeSingle(tag: number, fields: FieldReader): SingleMessage {
  const codec = codecByTag.get(tag);
  return codec === undefined ? fields.refuse('tag', 'the tag of a message') : codec.decode(fields);
}

/** Bundles hold no bundles, and nothing of the shadow round. */
function decodeBundle(fields: FieldReader): Bundle {
  const messages: SingleMessage[] = [];
  while (fields.remaining > 0) {
    messages.push(fields.nested('bundled', (nested) => decodeSingle(nested.integer('tag'), nested)));
  }
  if (messages.length === 0 || messages.some(isShadowMessage)) fields.refuse('bundled', 'messages that may be bundled');
  return { kind: 'bundle', messages };
}

/** Decodes what an envelope held: shadow frames carry the messages of the shadow round, and nothing else does. */
export function decodeFramed(payload: Uint8Array, shadow: boolean): DecodedMessage | Rejection {
  const decoded = decodeMessage(payload);
  if ('reason' in decoded || isShadowMessage(decoded.message) === shadow) return decoded;
  return rejection('shadowRule', `${decoded.message.kind} in ${shadow ? 'a shadow' : 'an ordinary'} frame`);
}
