import fc from 'fast-check';
import { confirmVerdicts } from '../../src/detector/detector-message.ts';
import { rejectReasons } from '../../src/epoch/epoch-message.ts';
import { operationKinds, ringRecordKinds } from '../../src/epoch/ring-record.ts';
import { ownershipStates } from '../../src/epoch/ring-snapshot.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import { joinOutcomes, operationAsks, shadowMessageKinds } from '../../src/lifecycle/lifecycle-message.ts';
import type { Message, SingleMessage } from '../../src/node/message.ts';

/** Messages of every kind as the core may make them, for round trips and fuzzing. */

const uuid = fc.uuid();
const count = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
const epoch = count.map((value) => Math.max(1, value));
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'));
const ringFingerprint = fc.oneof(fc.constant(''), hex(8));
const token = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const tokens = fc.array(token, { maxLength: 20 });
/** Without lone surrogates, which UTF-8 cannot hold. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const ballot = fc.record({ round: epoch, hostId: uuid });
const position = fc.record({ epoch: count, chainHash: hex(16), lineage: uuid });
const subject = fc.record({ hostId: uuid, tokens });
const option = fc.string({ unit: fc.constantFrom('a', 'b', '1', '_'), minLength: 1, maxLength: 8 });
const replication = fc.dictionary(option, text, { maxKeys: 4, noNullPrototype: true });

const alteration = fc.option(fc.record({ keyspace: text, replication }));

const record = fc.record({
  epoch,
  kind: fc.constantFrom(...ringRecordKinds),
  lineage: uuid,
  previous: hex(16),
  operationId: uuid,
  operation: fc.option(fc.constantFrom(...operationKinds)),
  subjects: fc.array(subject, { maxLength: 3 }),
  replaces: fc.option(uuid),
  strict: fc.boolean(),
  schemaVersion: uuid,
  proposer: uuid,
  proposedAtMs: count,
  found: fc.option(
    fc.record({ clusterId: uuid, clusterName: text, detector: fc.constantFrom('phi' as const, 'swim' as const) }),
  ),
  alter: alteration,
});

const members = fc.array(
  fc.record({ hostId: uuid, state: fc.constantFrom(...ownershipStates), tokens, sinceEpoch: count }),
  { maxLength: 4 },
);
const removed = fc.array(fc.record({ hostId: uuid, epoch: count }), { maxLength: 3 });

const snapshot = fc.record({
  clusterId: uuid,
  clusterName: text,
  detector: fc.constantFrom('phi' as const, 'swim' as const),
  lineage: uuid,
  epoch: count,
  chainHash: hex(16),
  members,
  operation: fc.option(
    fc.record({
      operationId: uuid,
      kind: fc.constantFrom(...operationKinds),
      step: fc.constantFrom('begin' as const, 'switch' as const),
      subjects: fc.array(subject, { maxLength: 2 }),
      replaces: fc.option(uuid),
      strict: fc.boolean(),
      beginEpoch: count,
      stepEpoch: count,
      beganAtMs: count,
      alter: alteration,
    }),
  ),
  removed,
});

const key = fc.oneof(fc.constantFrom('STATUS', 'TOKENS', 'LOAD', 'FUTURE', 'x:bulk:a', 'x:__proto__'), option);
const delta = fc
  .record({
    hostId: uuid,
    generation: count,
    counter: fc.constantFrom('state' as const, 'bulk' as const),
    from: fc.nat({ max: 1_000 }),
    values: fc.uniqueArray(fc.tuple(key, fc.option(text)), { selector: ([name]) => name, maxLength: 5 }),
  })
  .map(({ values, from, ...rest }) => ({
    ...rest,
    from,
    to: from + values.length,
    entries: values.map(([name, value], at) => [name, versionedValue(name, value, from + at + 1)] as const),
  }));
const deltas = fc.array(delta, { maxLength: 4 });
const digests = fc.array(fc.record({ hostId: uuid, generation: count, version: count, bulkVersion: count }), {
  maxLength: 6,
});

const definition = fc
  .record({
    type: fc.constantFrom('keyspace' as const, 'document' as const),
    name: text,
    stamp: fc.record({ timeMs: count, hostId: uuid }),
    dropped: fc.boolean(),
    replication,
    document: text,
  })
  .map(({ dropped, ...made }) => ({
    ...made,
    replication: dropped || made.type === 'document' ? null : made.replication,
    document: dropped || made.type === 'keyspace' ? null : made.document,
  }));

const uint64 = fc.record({ high: uint32, low: uint32 });
const life = { generation: count, incarnation: count };
const claim = fc.record({
  hostId: uuid,
  generation: count,
  incarnation: count,
  liveness: fc.constantFrom('alive' as const, 'suspect' as const, 'dead' as const),
  accuser: fc.option(uuid),
  confirmers: fc.array(uuid, { maxLength: 3 }),
  left: fc.boolean(),
});

/** One arbitrary a kind: a kind that is missing here is a type error. */
const standing = fc
  .record({ total: fc.nat({ max: 99 }), rest: fc.nat(), ratio: fc.nat({ max: 1_000 }), failed: fc.option(text) })
  .map(({ total, rest, ratio, failed }) => ({ total, done: rest % (total + 1), ratio: ratio / 1_000, failed }));

const singles: { readonly [K in SingleMessage['kind']]: fc.Arbitrary<Extract<SingleMessage, { kind: K }>> } = {
  syn: fc.record({
    kind: fc.constant('syn' as const),
    style: fc.constantFrom('push' as const, 'pull' as const, 'pushPull' as const),
    scope: fc.option(
      fc.constantFrom(64, 128, 256).chain((count) =>
        fc.record({
          count: fc.constant(count),
          buckets: fc
            .uniqueArray(fc.nat({ max: count - 1 }))
            .map((buckets) => buckets.sort((left, right) => left - right)),
        }),
      ),
    ),
    digests,
  }),
  ack: fc.record({ kind: fc.constant('ack' as const), requests: digests, deltas }),
  ack2: fc.record({ kind: fc.constant('ack2' as const), deltas }),
  roots: fc.record({ kind: fc.constant('roots' as const), state: uint64, liveness: uint64 }),
  buckets: fc.record({
    kind: fc.constant('buckets' as const),
    counter: fc.constantFrom('state' as const, 'bulk' as const),
    hashes: fc
      .constantFrom(1, 64, 128, 256)
      .chain((count) => fc.array(uint32, { minLength: count, maxLength: count, size: 'max' })),
  }),
  rumors: fc.record({
    kind: fc.constant('rumors' as const),
    claims: fc.array(claim, { maxLength: 3 }),
    records: fc.array(record, { maxLength: 2 }),
    definitions: fc.array(definition, { maxLength: 2 }),
    deltas,
  }),
  ping: fc.record({ kind: fc.constant('ping' as const), probe: uint32 }),
  pong: fc.record({ kind: fc.constant('pong' as const), probe: uint32 }),
  probe: fc.record({ kind: fc.constant('probe' as const), probe: uint32, buddy: fc.option(claim) }),
  probeAck: fc.record({ kind: fc.constant('probeAck' as const), probe: uint32, ...life, buddy: fc.option(claim) }),
  probeRequest: fc.record({ kind: fc.constant('probeRequest' as const), probe: uint32, target: uuid }),
  probeRelay: fc.record({ kind: fc.constant('probeRelay' as const), probe: uint32, target: uuid, ...life }),
  nack: fc.record({ kind: fc.constant('nack' as const), probe: uint32 }),
  confirm: fc.record({ kind: fc.constant('confirm' as const), probe: uint32, hostId: uuid, ...life }),
  confirmed: fc.record({
    kind: fc.constant('confirmed' as const),
    probe: uint32,
    verdict: fc.constantFrom(...confirmVerdicts),
    ...life,
  }),
  claims: fc.record({ kind: fc.constant('claims' as const), claims: fc.array(claim, { maxLength: 3 }) }),
  prepare: fc.record({ kind: fc.constant('prepare' as const), epoch, ballot, previous: hex(16), known: count }),
  promise: fc.record({
    kind: fc.constant('promise' as const),
    epoch,
    ballot,
    accepted: fc.option(fc.record({ ballot, record })),
    commitNumber: count,
  }),
  accept: fc.record({ kind: fc.constant('accept' as const), epoch, ballot, record, known: count }),
  accepted: fc.record({ kind: fc.constant('accepted' as const), epoch, ballot, commitNumber: count }),
  reject: fc.record({
    kind: fc.constant('reject' as const),
    epoch,
    ballot,
    reason: fc.constantFrom(...rejectReasons),
    promised: fc.option(ballot),
    at: position,
  }),
  records: fc.record({
    kind: fc.constant('records' as const),
    after: position,
    snapshot: fc.option(snapshot),
    records: fc.array(record, { maxLength: 3 }),
    votes: fc.array(fc.record({ hostId: uuid, commitNumber: count }), { maxLength: 3 }),
  }),
  recordsRequest: fc.record({ kind: fc.constant('recordsRequest' as const), at: position }),
  recall: fc.record({ kind: fc.constant('recall' as const), commitNumber: count }),
  recalled: fc.record({ kind: fc.constant('recalled' as const), known: count }),
  schemaPull: fc.record({ kind: fc.constant('schemaPull' as const), version: uuid }),
  schemaVersion: fc.record({ kind: fc.constant('schemaVersion' as const), version: uuid, answer: fc.boolean() }),
  schemaPush: fc.record({
    kind: fc.constant('schemaPush' as const),
    format: count,
    version: uuid,
    definitions: fc.array(definition, { maxLength: 4 }),
  }),
  shadowSyn: fc.record({
    kind: fc.constant('shadowSyn' as const),
    brief: fc.boolean(),
    round: hex(8),
    address: text,
    foundingSet: fc.array(uuid, { maxLength: 4 }),
    clusterId: fc.option(uuid),
  }),
  shadowWaiting: fc.record({
    kind: fc.constant('shadowWaiting' as const),
    round: hex(8),
    foundingSet: fc.array(uuid, { maxLength: 4 }),
  }),
  shadowAck: fc
    .record({
      kind: fc.constant('shadowAck' as const),
      round: hex(8),
      part: fc.nat({ max: 3 }),
      parts: fc.nat({ max: 3 }),
      clusterId: uuid,
      wallMs: count,
      snapshot: fc.option(snapshot),
      members,
      removed,
      records: fc.array(record, { maxLength: 2 }),
      states: deltas,
    })
    .map((ack) => ({ ...ack, parts: ack.part + 1 + ack.parts })),
  joinRequest: fc
    .record({
      kind: fc.constant('joinRequest' as const),
      tokens,
      count: fc.integer({ min: 1, max: 1_024 }),
      strict: fc.boolean(),
    })
    .map((request) => ({ ...request, count: request.tokens.length || request.count })),
  joinAnswer: fc.record({
    kind: fc.constant('joinAnswer' as const),
    outcome: fc.constantFrom(...joinOutcomes),
    reason: text,
    taken: tokens,
  }),
  goodbye: fc.record({ kind: fc.constant('goodbye' as const), generation: count }),
  viewRequest: fc.record({ kind: fc.constant('viewRequest' as const), query: uint32 }),
  replaceRequest: fc.record({ kind: fc.constant('replaceRequest' as const), replaces: uuid, strict: fc.boolean() }),
  operationQuery: fc.record({
    kind: fc.constant('operationQuery' as const),
    operationId: uuid,
    stepEpoch: epoch,
    ringFingerprint,
    ask: fc.constantFrom(...operationAsks),
    unacknowledged: fc.array(uuid, { maxLength: 3 }),
  }),
  operationAnswer: fc.record({
    kind: fc.constant('operationAnswer' as const),
    operationId: uuid,
    epoch,
    ringFingerprint,
    keyspacesVersion: uuid,
    movements: fc.option(standing),
  }),
  viewAnswer: fc.record({
    kind: fc.constant('viewAnswer' as const),
    query: uint32,
    generation: count,
    schemaVersion: uuid,
    ringFingerprint,
    at: position,
    operation: fc.option(
      fc.record({
        operationId: uuid,
        movements: fc.option(standing),
        waitingFor: fc.array(text, { maxLength: 3 }),
      }),
    ),
  }),
};

/** What may travel in a bundle: all but what belongs to the shadow round. */
const bundled: fc.Arbitrary<SingleMessage> = fc.oneof(
  ...Object.entries(singles).flatMap(([kind, arbitrary]) => (shadowMessageKinds.has(kind) ? [] : [arbitrary])),
);

export const arbitraries: { readonly [K in Message['kind']]: fc.Arbitrary<Extract<Message, { kind: K }>> } = {
  ...singles,
  bundle: fc.record({
    kind: fc.constant('bundle' as const),
    messages: fc.array(bundled, { minLength: 1, maxLength: 4 }),
  }),
};

/** A message of any kind. */
export const anyMessage: fc.Arbitrary<Message> = fc.oneof(...Object.values(arbitraries));
