import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { operationKinds, ringRecordKinds } from '../epoch/ring-record.ts';
import { ownershipStates } from '../epoch/ring-snapshot.ts';
import type { StoreRecord } from '../node/store-record.ts';
import { maxToken, minToken } from '../token/token.ts';

/**
 * What a stored record must look like: its fields, their types and ranges, since other hands or another release may have
 * been at it. No limits of length or count, nor the sums of `encodedBytes`: the node checked those before it stored anything.
 */
const closed = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
const nullable = <T extends Parameters<typeof Type.Array>[0]>(shape: T) => Type.Union([shape, Type.Null()]);
const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)));

const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' });
const ChainHash = Type.String({ pattern: '^[0-9a-f]{32}$' });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Text = Type.String();
const Tokens = Type.Array(Type.BigInt({ minimum: minToken, maximum: maxToken }));
const Replication = Type.Record(Type.String(), Type.String());
const Detector = oneOf(['phi', 'swim']);
const Ballot = closed({ round: Count, hostId: Uuid });
const Subjects = Type.Array(closed({ hostId: Uuid, tokens: Tokens }));
const OperationKind = oneOf(operationKinds);

const Alteration = closed({ keyspace: Text, replication: Replication });

const RingRecord = closed({
  epoch: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  kind: oneOf(ringRecordKinds),
  lineage: Uuid,
  previous: ChainHash,
  operationId: Uuid,
  operation: nullable(OperationKind),
  subjects: Subjects,
  replaces: nullable(Uuid),
  strict: Type.Boolean(),
  schemaVersion: Uuid,
  proposer: Uuid,
  proposedAtMs: Type.Number(),
  found: nullable(closed({ clusterId: Uuid, clusterName: Text, detector: Detector })),
  alter: nullable(Alteration),
});

const RingSnapshot = closed({
  clusterId: Uuid,
  clusterName: Text,
  detector: Detector,
  lineage: Uuid,
  epoch: Count,
  chainHash: ChainHash,
  members: Type.Array(closed({ hostId: Uuid, state: oneOf(ownershipStates), tokens: Tokens, sinceEpoch: Count })),
  operation: nullable(
    closed({
      operationId: Uuid,
      kind: OperationKind,
      step: oneOf(['begin', 'switch']),
      subjects: Subjects,
      replaces: nullable(Uuid),
      strict: Type.Boolean(),
      alter: nullable(Alteration),
      beginEpoch: Count,
      stepEpoch: Count,
      beganAtMs: Type.Number(),
    }),
  ),
  removed: Type.Array(closed({ hostId: Uuid, epoch: Count })),
});

const Delta = closed({
  hostId: Uuid,
  generation: Count,
  counter: oneOf(['state', 'bulk']),
  from: Count,
  to: Count,
  entries: Type.Array(Type.Tuple([Text, closed({ value: nullable(Text), version: Count, encodedBytes: Count })])),
});

const shapes = {
  identity: closed({
    kind: Type.Literal('identity'),
    identity: closed({
      hostId: Uuid,
      clusterName: Text,
      clusterId: nullable(Uuid),
      generation: Count,
      datacenter: Text,
      rack: Text,
    }),
  }),
  lifecycle: closed({
    kind: Type.Literal('lifecycle'),
    lifecycle: closed({
      phase: oneOf(['observing', 'joining', 'joined']),
      tokens: Tokens,
      replaces: Type.Optional(Uuid),
    }),
  }),
  acceptor: closed({
    kind: Type.Literal('acceptor'),
    acceptor: closed({
      epoch: Count,
      promised: nullable(Ballot),
      accepted: nullable(closed({ ballot: Ballot, record: RingRecord })),
      commitNumber: Count,
    }),
  }),
  remembered: closed({ kind: Type.Literal('remembered'), voter: closed({ hostId: Uuid, commitNumber: Count }) }),
  movements: closed({
    kind: Type.Literal('movements'),
    movements: closed({ operationId: Uuid, done: Type.Array(Text) }),
  }),
  ringRecord: closed({ kind: Type.Literal('ringRecord'), record: RingRecord }),
  ringSnapshot: closed({ kind: Type.Literal('ringSnapshot'), snapshot: RingSnapshot }),
  peer: closed({
    kind: Type.Literal('peer'),
    peer: closed({ hostId: Uuid, address: Text, lastSeenMs: Type.Number(), states: Type.Array(Delta) }),
  }),
  schema: closed({
    kind: Type.Literal('schema'),
    definition: closed({
      type: oneOf(['keyspace', 'document']),
      name: Text,
      stamp: closed({ timeMs: Count, hostId: Uuid }),
      replication: nullable(Replication),
      document: nullable(Text),
    }),
  }),
} as const;

/** Compiled: a start reads the state of every member there ever was, and interpreting a shape takes some twenty times as long. */
const validators = new Map(Object.entries(shapes).map(([kind, shape]) => [kind, Compile(shape)]));

/** True for a record that a store may hold. */
export function isStoredRecord(
  value: unknown,
): value is Exclude<StoreRecord, { kind: 'forgetPeer' | 'ringForgotten' }> {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return typeof value.kind === 'string' && validators.get(value.kind)?.Check(value) === true;
}
