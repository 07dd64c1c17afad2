import type { RingRecord } from '../../src/epoch/ring-record.ts';
import type { RingSnapshot } from '../../src/epoch/ring-snapshot.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import type { StoredIdentity, StoredPeer, StoreRecord } from '../../src/node/store-record.ts';
import type { SchemaDefinition } from '../../src/schema/schema-definition.ts';
import { maxToken, minToken } from '../../src/token/token.ts';

/** A UUID that ends in this number. */
export const uuid = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

export const identity: StoredIdentity = {
  hostId: uuid(1),
  clusterName: 'flock',
  clusterId: uuid(2),
  generation: 1_800_000_000,
  datacenter: 'dc1',
  rack: 'rack1',
};

export const ringRecord = (epoch: number): RingRecord => ({
  epoch,
  kind: epoch === 1 ? 'found' : 'begin',
  lineage: uuid(3),
  previous: epoch.toString(16).padStart(32, '0'),
  operationId: uuid(4),
  operation: epoch === 1 ? null : 'bootstrap',
  subjects: [{ hostId: uuid(1), tokens: [minToken + 1n, -1n, 0n, 1n, 2n ** 40n, maxToken] }],
  replaces: null,
  strict: true,
  schemaVersion: uuid(5),
  proposer: uuid(1),
  proposedAtMs: 1_800_000_000_123,
  found: epoch === 1 ? { clusterId: uuid(2), clusterName: 'flock', detector: 'phi' } : null,
  alter: null,
});

export const snapshot = (epoch: number): RingSnapshot => ({
  clusterId: uuid(2),
  clusterName: 'flock',
  detector: 'phi',
  lineage: uuid(3),
  epoch,
  chainHash: 'f'.repeat(32),
  members: [{ hostId: uuid(1), state: 'normal', tokens: [7n], sinceEpoch: 1 }],
  operation: {
    operationId: uuid(4),
    kind: 'bootstrap',
    step: 'switch',
    subjects: [{ hostId: uuid(6), tokens: [9n] }],
    replaces: null,
    strict: true,
    alter: { keyspace: 'users', replication: { class: 'SimpleStrategy', replication_factor: '3' } },
    beginEpoch: 2,
    stepEpoch: 3,
    beganAtMs: 1_800_000_000_123,
  },
  removed: [{ hostId: uuid(7), epoch: 2 }],
});

export const peer = (number: number, lastSeenMs = 1_800_000_000_123): StoredPeer => ({
  hostId: uuid(number),
  address: `127.0.0.1:${7_600 + number}`,
  lastSeenMs,
  states: [
    {
      hostId: uuid(number),
      generation: 1_800_000_000,
      counter: 'state',
      from: 0,
      to: 9,
      entries: [
        ['STATUS', versionedValue('STATUS', 'NORMAL,4', 3)],
        ['x:größe', versionedValue('x:größe', null, 9)],
      ],
    },
  ],
});

export const definition = (name: string, document: string | null): SchemaDefinition => ({
  type: 'document',
  name,
  stamp: { timeMs: 1_800_000_000_123, hostId: uuid(1) },
  replication: null,
  document,
});

export const keyspace: SchemaDefinition = {
  ...definition('app', null),
  type: 'keyspace',
  replication: { class: 'SimpleStrategy', replication_factor: '3' },
};

/** One record of every kind, but `forgetPeer`. */
export const oneOfEach: readonly StoreRecord[] = [
  { kind: 'ringForgotten' },
  { kind: 'identity', identity },
  { kind: 'lifecycle', lifecycle: { phase: 'joining', tokens: [minToken + 1n, 5n, maxToken] } },
  { kind: 'movements', movements: { operationId: uuid(4), done: ['a', 'b'] } },
  {
    kind: 'acceptor',
    acceptor: {
      epoch: 4,
      promised: { round: 7, hostId: uuid(1) },
      accepted: { ballot: { round: 6, hostId: uuid(6) }, record: ringRecord(4) },
      commitNumber: 12,
    },
  },
  { kind: 'remembered', voter: { hostId: uuid(6), commitNumber: 3 } },
  { kind: 'ringSnapshot', snapshot: snapshot(2) },
  { kind: 'ringRecord', record: ringRecord(3) },
  { kind: 'peer', peer: peer(6) },
  { kind: 'schema', definition: keyspace },
  { kind: 'schema', definition: definition('gone', null) },
];
