import { ApplicationState, applicationKeyPrefix } from '../gossip/application-state.ts';
import { type BucketScope, finestBuckets } from '../gossip/buckets.ts';
import type { Delta, GossipDigest } from '../gossip/delta.ts';
import type { Counter } from '../gossip/endpoint-state.ts';
import type { ExchangeStyle, GossipMessage, GossipRoots } from '../gossip/gossip-message.ts';
import type { Uint64 } from '../gossip/keyed-hash.ts';
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
export const knownKeyPlaces: ReadonlyMap<string, number> = new Map(knownKeys.map((key, place) => [key, place]));

/** What opens an exchange, and SYN, ACK and ACK2 of it. */
export const gossipCodecs: CodecTable<GossipMessage | GossipRoots> = {
  syn: {
    tag: 1,
    encode: ({ style, scope, digests }) => [
      styles.indexOf(style),
      ...encodeDigests(digests),
      ...(scope === null ? [] : [scope.count, Uint8Array.from(scope.buckets)]),
    ],
    decode: (fields) => {
      const style = fields.oneOf('style', styles);
      const digests = decodeDigests(fields);
      return { kind: 'syn', style, scope: fields.remaining === 0 ? null : decodeScope(fields), digests };
    },
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
  roots: {
    tag: 4,
    // While nobody is dead there is one root to tell.
    encode: ({ state, liveness }) => [
      liveness.high === 0 && liveness.low === 0 ? uint64Bytes([state]) : uint64Bytes([state, liveness]),
    ],
    decode: (fields) => {
      const [state, liveness] = uint64sOf(fields.bytes('roots', 8, 16, 8));
      return { kind: 'roots', state: state!, liveness: liveness ?? { high: 0, low: 0 } };
    },
  },
  buckets: {
    tag: 5,
    encode: ({ counter, hashes }) => {
      const bytes = Buffer.allocUnsafe(hashes.length * 4);
      for (let at = 0; at < hashes.length; at++) bytes.writeUInt32BE(hashes[at]!, at * 4);
      return [counters.indexOf(counter), bytes];
    },
    decode: (fields) => {
      const counter = fields.oneOf('counter', counters);
      const bytes = fields.bytes('hashes', 4, 4 * finestBuckets, 4);
      if (bytes.length > 4 && !isBucketCount(bytes.length / 4)) fields.refuse('hashes', bucketCounts);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const hashes = Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4));
      return { kind: 'buckets', counter, hashes };
    },
  },
};

const fewestBuckets = 64;
const bucketCounts = `${fewestBuckets} to ${finestBuckets} buckets, a power of two`;
const isBucketCount = (count: number): boolean =>
  count >= fewestBuckets && count <= finestBuckets && finestBuckets % count === 0;

function decodeScope(fields: FieldReader): BucketScope {
  const count = fields.integer('count', fewestBuckets, finestBuckets);
  if (!isBucketCount(count)) fields.refuse('count', bucketCounts);
  const buckets = [...fields.bytes('buckets', 0, count)];
  if (buckets.some((bucket, at) => bucket >= count || bucket <= (buckets[at - 1] ?? -1))) {
    fields.refuse('buckets', 'buckets in ascending order');
  }
  return { count, buckets };
}

function uint64Bytes(numbers: readonly Uint64[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(numbers.length * 8);
  for (const [at, { high, low }] of numbers.entries()) {
    bytes.writeUInt32BE(high, at * 8);
    bytes.writeUInt32BE(low, at * 8 + 4);
  }
  return bytes;
}

function uint64sOf(bytes: Uint8Array): Uint64[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, at) => ({
    high: view.getUint32(at * 8),
    low: view.getUint32(at * 8 + 4),
  }));
}

/** Two fields: the host ids as one binary, and three numbers for each. A digest takes 19 bytes and up. */
function encodeDigests(digests: readonly GossipDigest[]): unknown[] {
  const numbers: number[] = [];
  for (const { generation, version, bulkVersion } of digests) numbers.push(generation, version, bulkVersion);
  return [uuidsToBytes(digests.map((digest) => digest.hostId)), numbers];
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
