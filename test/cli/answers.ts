import type { DescribeCluster } from '../../src/api/describe-cluster.ts';
import type { DescribeRing } from '../../src/api/describe-ring.ts';
import type { Endpoints } from '../../src/api/endpoints.ts';
import type { FailureDetector } from '../../src/api/failure-detector.ts';
import type { GossipInfo } from '../../src/api/gossip-info.ts';
import type { History } from '../../src/api/history.ts';
import type { Info } from '../../src/api/info.ts';
import type { OperationStanding, Operations } from '../../src/api/operations.ts';
import { newcomerId, type Plan } from '../../src/api/plan.ts';
import type { Ring } from '../../src/api/ring.ts';
import type { Adopted, NodeTold, OperationBegun, RecordDecided } from '../../src/api/ring-change.ts';
import type { Route } from '../../src/api/route.ts';
import type { Schema, SchemaChange } from '../../src/api/schema.ts';
import type { SchemaAgreement } from '../../src/api/schema-agreement.ts';
import type { Status } from '../../src/api/status.ts';
import type { Why } from '../../src/api/why.ts';
import { readOrder } from '../../src/ring/read-order.ts';

/** What the fake node of the transcripts answers: four members in two datacenters, one dead, one suspect, one joining. */

const hostId = (n: number): string => `${String(n).repeat(8)}-1111-4111-8111-111111111111`;
const uuid = (first: string): string => `${first}0000000-0000-4000-8000-000000000001`;
const address = (n: number): string => `10.0.0.${n}:7600`;
const clusterId = uuid('c');
const lineage = uuid('d');
const schemaVersion = 'e0000000-0000-3000-8000-000000000001';
const otherSchema = 'f0000000-0000-3000-8000-000000000001';
const operationId = uuid('a');
const ring = { epoch: 7, ringFingerprint: '9f86d081884c7d65' };
const beganAtMs = Date.UTC(2024, 4, 1, 12, 0, 0);

const members = [
  { n: 1, datacenter: 'dc1', rack: 'rack1', liveness: 'alive', state: 'normal', tokens: 16, owns: 0.34, load: 71_885 },
  { n: 2, datacenter: 'dc1', rack: 'rack2', liveness: 'dead', state: 'normal', tokens: 16, owns: 0.33, load: null },
  { n: 3, datacenter: 'dc2-long', rack: 'r1', liveness: 'suspect', state: 'leaving', tokens: 8, owns: 0.33, load: 512 },
  { n: 4, datacenter: 'dc2-long', rack: 'r2', liveness: 'alive', state: 'joining', tokens: 16, owns: 0, load: 0 },
] as const;

function nodes(keyspace: string | null): Status['nodes'] {
  return members.map(({ n, ...member }) => ({
    hostId: hostId(n),
    address: address(n),
    httpAddress: `10.0.0.${n}:7601`,
    generation: 1_714_564_800 + n,
    version: 10 * n,
    schemaVersion,
    mode: n === 3 ? ('drained' as const) : ('ok' as const),
    ...member,
    owns: keyspace === null ? member.owns : Math.min(member.owns * 3, 1),
  }));
}

function status(keyspace: string | null): Status {
  const identity = { cluster: 'murmurs', clusterId, lineage, ...ring, schemaVersion };
  return {
    ...identity,
    keyspace,
    operation: 'bootstrap of 10.0.0.4:7600 waits for switch',
    fork: null,
    nodes: nodes(keyspace),
  };
}

function ringOf(keyspace: string | null): Ring {
  const tokens = [-9_000_000_000_000_000_000n, -42n, 0n, 1_234_567_890_123_456_789n, 9_223_372_036_854_775_807n];
  const owners = [0, 2, 1, 3, 0];
  return {
    ...ring,
    keyspace,
    tokens: tokens.map((token, at) => {
      const { n, datacenter, rack, liveness, state, load, owns } = members[owners[at]!]!;
      return {
        token: String(token),
        hostId: hostId(n),
        address: address(n),
        datacenter,
        rack,
        liveness,
        state,
        load,
        owns,
      };
    }),
  };
}

const record = (epoch: number, kind: History['records'][number]['kind'], n: number, tokens: string[]) => ({
  epoch,
  kind,
  lineage,
  previous: '0'.repeat(32),
  operationId,
  operation: kind === 'begin' ? 'bootstrap' : null,
  subjects: [{ hostId: hostId(n), tokens }],
  replaces: null,
  strict: true,
  schemaVersion,
  proposer: hostId(1),
  proposedAtMs: beganAtMs + epoch * 1_000,
  found: kind === 'found' ? { clusterId, clusterName: 'murmurs', detector: 'phi' as const } : null,
  alter: null,
});

const history: History = {
  lineage,
  ...ring,
  chainHash: 'ab'.repeat(16),
  prefixEpoch: 0,
  fork: {
    mine: { epoch: 7, lineage, chainHash: 'ab'.repeat(16) },
    theirs: { epoch: 7, lineage: uuid('b'), chainHash: 'cd'.repeat(16) },
    witness: hostId(3),
  },
  records: [
    record(1, 'found', 1, ['-42']),
    record(2, 'begin', 2, ['0', '7']),
    record(3, 'switch', 2, []),
    record(4, 'end', 2, []),
  ],
};

const info: Info = {
  hostId: hostId(1),
  cluster: 'murmurs',
  clusterId,
  lineage,
  ...ring,
  schemaVersion,
  address: address(1),
  httpAddress: '10.0.0.1:7601',
  datacenter: 'dc1',
  rack: 'rack1',
  state: 'normal',
  tokens: ['-42', '0'],
  load: 71_885,
  generation: 1_714_564_801,
  version: 10,
  uptimeMs: 93_500,
  heapUsedBytes: 20_971_520,
  heapTotalBytes: 41_943_040,
  releaseVersion: '0.1.0',
  nodeVersion: 'v20.19.0',
  ready: true,
  waitingFor: [],
  traffic: {
    sentFrames: 12,
    sentBytes: 3_456,
    receivedFrames: 11,
    receivedBytes: 2_345,
    rejected: { otherCluster: 2, replayed: 0 },
  },
};

const gossipInfo: GossipInfo = {
  endpoints: [
    {
      hostId: hostId(1),
      address: address(1),
      liveness: 'alive',
      generation: 1_714_564_801,
      heartbeat: 10,
      bulkHeartbeat: 3,
      states: [
        { key: 'DC', version: 4, value: 'dc1' },
        { key: 'STATUS', version: 9, value: 'NORMAL,-42' },
        { key: 'TOKENS', version: 8, value: '-42,0' },
        { key: 'x:note', version: 10, value: 'two\nlines and \u001b[31mred' },
      ],
    },
    { hostId: hostId(2), address: null, liveness: 'dead', generation: 5, heartbeat: 0, bulkHeartbeat: 0, states: [] },
  ],
  rumors: [
    { class: 'liveness', waiting: 0, sentBytes: 0, dropped: 0 },
    { class: 'ring', waiting: 2, sentBytes: 1_433, dropped: 0 },
    { class: 'schema', waiting: 0, sentBytes: 960, dropped: 0 },
    { class: 'application', waiting: 17, sentBytes: 2_621_440, dropped: 3 },
    { class: 'bulk', waiting: 41, sentBytes: 88_100, dropped: 0 },
  ],
};

const keyspaces: DescribeCluster['keyspaces'] = [
  { name: 'sessions', replication: { class: 'NetworkTopologyStrategy', dc1: '3', 'dc2-long': '2' } },
  { name: 'users', replication: { class: 'SimpleStrategy', replication_factor: '3' } },
];

const describeCluster: DescribeCluster = {
  cluster: 'murmurs',
  clusterId,
  lineage,
  ...ring,
  partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
  detector: 'phi',
  schemaVersions: { [schemaVersion]: [address(1), address(4)], [otherSchema]: [address(3)] },
  ringFingerprints: { [ring.ringFingerprint]: [address(1), address(3), address(4)] },
  unreachable: [address(2)],
  stats: { live: 3, joining: 1, moving: 0, leaving: 1, unreachable: 1 },
  datacenters: [
    { name: 'dc1', nodes: 2, down: 1 },
    { name: 'dc2-long', nodes: 2, down: 0 },
  ],
  releaseVersions: { '0.1.0': members.map(({ n }) => address(n)) },
  keyspaces,
  fork: null,
};

const replica = (n: number, liveness: 'alive' | 'suspect' | 'dead') => ({
  hostId: hostId(n),
  address: address(n),
  liveness,
  mode: n === 4 ? ('restarting' as const) : ('ok' as const),
});
const replicas = [replica(1, 'alive'), replica(2, 'dead'), replica(3, 'suspect')];

const endpoints: Endpoints = { keyspace: 'users', key: 'alice', token: '-42', endpoints: replicas, ...ring };

function describedRange(startToken: string, endToken: string, owners: number[]): DescribeRing['ranges'][number] {
  const details = owners.map((n) => members[n - 1]!);
  return {
    startToken,
    endToken,
    endpoints: details.map(({ n, datacenter, rack }) => ({ hostId: hostId(n), address: address(n), datacenter, rack })),
  };
}

const describeRing: DescribeRing = {
  keyspace: 'users',
  schemaVersion,
  ...ring,
  ranges: [describedRange('7', '-42', [1, 2]), describedRange('-42', '7', [2, 3])],
};

const failureDetector: FailureDetector = {
  detector: 'phi',
  endpoints: [
    { hostId: hostId(2), address: address(2), liveness: 'dead', phi: 17.123456789 },
    { hostId: hostId(3), address: address(3), liveness: 'suspect', phi: 4.5 },
    { hostId: hostId(4), address: address(4), liveness: 'alive', phi: null },
  ],
};

const noFacts = {
  by: null,
  confirmers: null,
  verdict: null,
  incarnation: null,
  waitedMs: null,
  helpersAsked: null,
  helpersHeard: null,
  localHealth: null,
  lagMs: null,
};
const finding = (atMs: number, kind: Why['findings'][number]['kind'], facts: Partial<Why['findings'][number]>) => ({
  atMs: beganAtMs + atMs,
  kind,
  ...noFacts,
  ...facts,
});
const waited = { waitedMs: 500, helpersAsked: 3, helpersHeard: 3, localHealth: 0, lagMs: 1 };

const whyDead: Why = {
  hostId: hostId(2),
  address: address(2),
  detector: 'swim',
  liveness: 'dead',
  phi: null,
  generation: 1_714_564_802,
  lastAnswer: { agoMs: 12_345, roundTripMs: 0.72 },
  findings: [
    finding(0, 'relayed', { by: hostId(3) }),
    finding(1_000, 'streamOnly', {}),
    finding(2_500, 'unanswered', waited),
    finding(2_700, 'confirmed', { by: hostId(4), verdict: 'unsure' }),
    finding(2_710, 'confirmed', { by: hostId(3), verdict: 'unreachable' }),
    finding(2_710, 'suspect', { by: hostId(1), confirmers: [hostId(3)], incarnation: 0 }),
    finding(2_950, 'refuted', { incarnation: 1 }),
    finding(9_000, 'suspect', { by: hostId(7), confirmers: [], incarnation: 1 }),
    finding(11_000, 'dead', { by: hostId(7), confirmers: [hostId(1), hostId(3)], incarnation: 1 }),
  ],
  addresses: { [hostId(1)]: address(1), [hostId(3)]: address(3), [hostId(4)]: address(4) },
};

const whyAlive: Why = {
  hostId: hostId(4),
  address: address(4),
  detector: 'phi',
  liveness: 'alive',
  phi: 0.4321,
  generation: 1_714_564_804,
  lastAnswer: null,
  findings: [],
  addresses: {},
};

function route(keyspace: string | null): Route {
  const owners = keyspace === null ? replicas.slice(0, 1) : replicas;
  const pending = keyspace === null ? [] : [replica(4, 'alive')];
  const [requiredReads, requiredWriteAcks] = keyspace === null ? [1, 1] : [2, 3];
  return {
    key: 'alice',
    keyBase64: null,
    token: '-42',
    keyspace,
    replicas: owners,
    readOrder: [...readOrder(owners)],
    pending,
    requiredReads,
    requiredWriteAcks,
    ...ring,
  };
}

const operation: Operations['operations'][number] = {
  operationId,
  kind: 'bootstrap',
  step: 'begin',
  subjects: [{ hostId: hostId(4), address: address(4) }],
  replaces: null,
  strict: true,
  beginEpoch: 7,
  stepEpoch: 7,
  beganAtMs,
  waitingFor: ['10.0.0.2:7600 to acknowledge epoch 7'],
  participants: [
    { hostId: hostId(1), address: address(1), movements: 0, done: 0, progress: 1, failed: null },
    { hostId: hostId(2), address: address(2), movements: null, done: 0, progress: 0, failed: null },
    { hostId: hostId(4), address: address(4), movements: 8, done: 3, progress: 0.4375, failed: 'ENOSPC: disk full' },
  ],
};

const begun = (n: string): OperationBegun => ({
  operationId: uuid(n),
  epoch: 8,
  ringFingerprint: ring.ringFingerprint,
});

function closed(n: string, kind: OperationStanding['kind'], outcome: 'ended' | 'aborted'): OperationStanding {
  return {
    operationId: uuid(n),
    kind,
    outcome,
    epoch: 10,
    ringFingerprint: ring.ringFingerprint,
    operation: null,
  };
}

const stuck: OperationStanding = {
  ...closed('3', 'alterReplication', 'ended'),
  outcome: 'open',
  operation: { ...operation, operationId: uuid('3'), kind: 'alterReplication', subjects: [] },
};
const host = (n: number) => ({ hostId: hostId(n), address: address(n) });
const plan: Plan = {
  operation: 'decommission',
  ...ring,
  subjects: [{ ...host(3), tokens: ['-42'] }],
  possible: true,
  forcible: false,
  refusals: [],
  keyspaces: [
    {
      keyspace: 'users',
      changedShare: 0.75,
      movedShare: 0.75,
      balance: { before: 1, after: 1.25 },
      racks: { before: 3, after: 2, narrowedShare: 0.5 },
    },
  ],
  movements: [
    {
      keyspace: 'users',
      ranges: [
        { startToken: '-4611686018427387904', endToken: '-42' },
        { startToken: '0', endToken: '4611686018427387904' },
      ],
      sources: [host(3)],
      targets: [host(1)],
    },
  ],
  neededAlive: [host(1), host(3)],
};
const noPlan: Plan = {
  ...plan,
  operation: 'add',
  subjects: [{ hostId: newcomerId, address: null, tokens: ['7'] }],
  possible: false,
  forcible: true,
  refusals: ['2 of 10.0.0.1:7600, 10.0.0.2:7600 must be alive for a range of users; dead: 10.0.0.2:7600'],
  keyspaces: [],
  movements: [],
  neededAlive: [],
};

const told: NodeTold = { hostId: hostId(1) };
const decided = (kind: string): RecordDecided => ({ kind, epoch: 8, lineage });

const stamp = { timeMs: beganAtMs, hostId: hostId(1) };
const schema: Schema = {
  schemaVersion,
  keyspaces: keyspaces.map((keyspace) => ({ ...keyspace, stamp })),
  documents: [{ name: 'orders.avsc', document: '{"type":"record"}', stamp }],
};

const schemaChange: SchemaChange = { schemaVersion };

const agreed: SchemaAgreement = {
  agreed: true,
  schemaVersion,
  schemaVersions: { [schemaVersion]: [address(1), address(3), address(4)] },
  differing: [],
  unreachable: [address(2)],
};

const disagreed: SchemaAgreement = {
  ...agreed,
  agreed: false,
  differing: [
    { hostId: hostId(3), address: address(3), schemaVersion: otherSchema },
    { hostId: hostId(4), address: address(4), schemaVersion: null },
  ],
};

/** `METHOD path?query` → answer. */
export const answers: Readonly<Record<string, unknown>> = {
  'GET /v1/status': status(null),
  'GET /v1/status?keyspace=users': status('users'),
  'GET /v1/ring': ringOf(null),
  'GET /v1/ring?keyspace=users': ringOf('users'),
  'GET /v1/history': history,
  'GET /v1/info': info,
  'GET /v1/gossipinfo': gossipInfo,
  'GET /v1/describecluster': describeCluster,
  'GET /v1/getendpoints?keyspace=users&key=alice': endpoints,
  'GET /v1/describering?keyspace=users': describeRing,
  'GET /v1/failuredetector': failureDetector,
  'GET /v1/why?node=10.0.0.2%3A7600': whyDead,
  'GET /v1/why?node=10.0.0.4%3A7600': whyAlive,
  'GET /v1/route?key=alice': route(null),
  'GET /v1/route?key=alice&keyspace=users': route('users'),
  'GET /v1/ops': { ...ring, operations: [operation] } satisfies Operations,
  [`POST /v1/ops/${operationId}/abort`]: { ...ring, operations: [] } satisfies Operations,
  [`POST /v1/ops/${operationId}/resume`]: { ...ring, operations: [operation] } satisfies Operations,
  'GET /v1/plan?operation=decommission': plan,
  'GET /v1/plan?operation=add&tokens=1': noPlan,
  'POST /v1/decommission': begun('1'),
  [`GET /v1/ops/${uuid('1')}`]: closed('1', 'decommission', 'ended'),
  'POST /v1/removenode': begun('2'),
  [`GET /v1/ops/${uuid('2')}`]: closed('2', 'removenode', 'aborted'),
  'POST /v1/alter': begun('3'),
  [`GET /v1/ops/${uuid('3')}`]: stuck,
  'POST /v1/move': begun('4'),
  [`GET /v1/ops/${uuid('4')}`]: closed('4', 'move', 'ended'),
  'POST /v1/join': told,
  'POST /v1/drain': told,
  'POST /v1/planrestart': told,
  'POST /v1/assassinate': decided('remove'),
  'POST /v1/readmit': decided('readmit'),
  'POST /v1/ring/adopt': { epoch: 9, lineage: uuid('b') } satisfies Adopted,
  'GET /v1/schema': schema,
  'PUT /v1/schema/keyspaces/users': schemaChange,
  'PUT /v1/schema/documents/orders.avsc': schemaChange,
  'DELETE /v1/schema/keyspaces/users': schemaChange,
  'DELETE /v1/schema/documents/a%20b': schemaChange,
  'GET /v1/schema/agreement?timeoutMs=30000': agreed,
  'GET /v1/schema/agreement?timeoutMs=1500': disagreed,
};
