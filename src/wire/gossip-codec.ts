import { ApplicationState, applicationKeyPrefix } from '../gossip/application-state.ts';
import type { Delta, GossipDigest } from '../gossip/delta.ts';
import type { Counter } from '../gossip/endpoint-state.ts';
import type { ExchangeStyle, GossipMessage } from '../gossip/gossip-message.ts';
import { type VersionedValue, versionedValue } from '../gossip/versioned-value.ts';
import type { CodecTable } from './codec-table.ts';
import { uuidsToBytes, uuidToBytes } from './compact-fields.ts';
import type { FieldReader } from './field-reader.ts';
import { wireLimits } from './wire-limits.ts';

const counters: readonly Counter[] = ['state', 'bulk'];
const styles: readonly ExchangeStyle[] = ['push', 'pull', 'pushPull'];

/** Keys that travel as their place in this list. New ones go to the end; places are never reused. */
const knownKeys: readonly string[] = [
  ApplicationState.status,
  ApplicationState.tokens,
  ApplicationState.datacenter,
  ApplicationState.rack,
  ApplicationState.address,
  ApplicationState.httpAddress,
  ApplicationState.releaseVersion,
  ApplicationState.bootNonce,
  ApplicationState.load,
  ApplicationState.schema,
  ApplicationState.ringFingerprint,
];
const knownKeyPlaces: ReadonlyMap<string, number> = new Map(knownKeys.map((key, place) => [key, place]));

/** SYN, ACK and ACK2 of the exchange. */
export const gossipCodecs: CodecTable<GossipMessage> = {
  syn: {
    tag: 1,
    encode: ({ style, digests }) => [styles.indexOf(style), ...encodeDigests(digests)],
    decode: (fields) => ({ kind: 'syn', style: fields.oneOf('style', styles), digests: decodeDigests(fields) }),
  },
  ack: {
    tag: 2,
    encode: ({ requests, deltas }) => [...encodeDigests(requests), deltas.map(encodeDelta)],
    decode: (fields) => ({ kind: 'ack', requests: decodeDigests(fields), deltas: decodeDeltas(fields) }),
  },
  ack2: {
    tag: 3,
    encode: ({ deltas }) => [deltas.map(encodeDelta)],
    decode: (fields) => ({ kind: 'ack2', deltas: decodeDeltas(fields) }),
  },
};

/** Two fields: the host ids as one binary, and three numbers for each. A digest takes 19 bytes and up. */
function encodeDigests(digests: readonly GossipDigest[]): unknown[] {
  return [
    uuidsToBytes(digests.map((digest) => digest.hostId)),
    digests.flatMap(({ generation, version, bulkVersion }) => [generation, version, bulkVersion]),
  ];
}

function decodeDigests(fields: FieldReader): GossipDigest[] {
  const hostIds = fields.uuids('hostIds', wireLimits.members);
  return fields.nested('versions', (numbers) =>
    hostIds.map((hostId) => ({
      hostId,
      generation: numbers.integer('generation'),
      version: numbers.integer('version'),
      bulkVersion: numbers.integer('bulkVersion'),
    })),
  );
}

/** A delta as fields; its entries as one flat array of key, value and version. */
export function encodeDelta({ hostId, generation, counter, from, to, entries }: Delta): unknown[] {
  const flat: unknown[] = [];
  for (const [key, { value, version }] of entries) flat.push(knownKeyPlaces.get(key) ?? key, value, version);
  return [uuidToBytes(hostId), generation, counters.indexOf(counter), from, to, flat];
}

/** Deltas of one message: at most two per member. */
export function decodeDeltas(fields: FieldReader): Delta[] {
  return fields.list('deltas', 2 * wireLimits.members, decodeDelta);
}

function decodeDelta(fields: FieldReader): Delta {
  const hostId = fields.uuid('hostId');
  const generation = fields.integer('generation');
  const counter = fields.oneOf('counter', counters);
  const from = fields.integer('from');
  const to = fields.integer('to', from);
  const entries = fields.nested('entries', (flat) => {
    if (flat.remaining > wireLimits.deltaEntries * 3)
      flat.refuse('length', `at most ${wireLimits.deltaEntries} entries`);
    const seen = new Set<string>();
    const read: (readonly [string, VersionedValue])[] = [];
    while (flat.remaining > 0) {
      const entry = decodeEntry(flat, to);
      if (seen.size === seen.add(entry[0]).size) flat.refuse('key', 'every key once');
      read.push(entry);
    }
    return read;
  });
  return { hostId, generation, counter, from, to, entries };
}

function decodeEntry(flat: FieldReader, to: number): readonly [string, VersionedValue] {
  const place = flat.peek();
  const key =
    typeof place === 'number'
      ? knownKeys[flat.integer('key', 0, knownKeys.length - 1)]!
      : flat.text('key', wireLimits.keyBytes);
  if (key === '') flat.refuse('key', 'a key that is not empty');
  const maxBytes = key.startsWith(applicationKeyPrefix) ? wireLimits.applicationValueBytes : wireLimits.stateValueBytes;
  const value = flat.nullable(() => flat.text(key, maxBytes));
  return [key, versionedValue(key, value, flat.integer('version', 1, to))];
}
