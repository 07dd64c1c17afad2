import { describe, expect, it, onTestFinished } from 'vitest';
import {
  RingClient,
  type RingClientEventKind,
  type RingClientEventOf,
  type RingClientOptions,
  tokenOf,
} from '../../src/client/client.ts';
import { errorBody, FakeNode } from './fake-node.ts';
import { clusterId, hostIds, lineage, member, schemaVersion, snapshot } from './snapshots.ts';

const first = (data: unknown = snapshot(), id = 'a-1') => ({ id, event: 'snapshot', data });

async function nodeWith(data: unknown = snapshot()): Promise<FakeNode> {
  const node = await FakeNode.start();
  node.greeting = first(data);
  return node;
}

async function connect(options: RingClientOptions): Promise<RingClient> {
  const client = await RingClient.connect({ connectTimeoutMs: 5_000, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** The next event of a kind, from now on. */
function next<Kind extends RingClientEventKind>(client: RingClient, kind: Kind): Promise<RingClientEventOf<Kind>> {
  return new Promise((resolve) => {
    const stop = client.on(kind, (event) => {
      stop();
      resolve(event);
    });
  });
}

describe('routing', () => {
  it('leads a key to its natural replicas in ring order, each with its liveness, and asks nobody', async () => {
    const node = await nodeWith(snapshot({ members: [member(0), member(1, { liveness: 'dead' }), member(2)] }));
    const client = await connect({ contactPoints: [node.address] });
    await node.stop();
    const route = client.route('alice', { keyspace: 'users' });
    const token = tokenOf('alice');
    const start = [-6n, 0n, 6n].findIndex((e18) => token <= e18 * 10n ** 18n);
    const order = [0, 1, 2].map((step) => hostIds[(Math.max(start, 0) + step) % 3]);
    expect(route).toMatchObject({
      key: 'alice',
      token,
      keyspace: 'users',
      pending: [],
      epoch: 7,
      ringFingerprint: 'f7',
    });
    expect(route.replicas.map((replica) => replica.hostId)).toEqual(order);
    expect(route.replicas.find((replica) => replica.hostId === hostIds[1])).toEqual({
      hostId: hostIds[1],
      address: '10.0.0.2:7600',
      httpAddress: null,
      datacenter: 'dc1',
      rack: 'rack2',
      liveness: 'dead',
      mode: 'ok',
    });
  });

  it('takes bytes as it takes the string that they encode, and without keyspace answers the one owner', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.origin] });
    const text = client.route('größe');
    const bytes = client.route(new TextEncoder().encode('größe'));
    expect(text.keyspace).toBeNull();
    expect(text.replicas).toHaveLength(1);
    expect([bytes.token, bytes.replicas]).toEqual([text.token, text.replicas]);
  });

  it('names a joiner as pending where the open operation makes it a replica', async () => {
    const members = [member(0), member(1), member(2, { state: 'joining', owner: false })];
    const future = members.map(({ hostId, tokens }) => ({ hostId, tokens }));
    const node = await nodeWith(snapshot({ members, change: { step: 'begin', future, alter: null } }));
    const client = await connect({ contactPoints: [node.address] });
    const route = client.route('alice', { keyspace: 'users' });
    expect(route.replicas.map((replica) => replica.hostId)).not.toContain(hostIds[2]);
    expect(route.pending.map((replica) => replica.hostId)).toEqual([hostIds[2]]);
    expect(route.writeReplicas).toEqual([...route.replicas, ...route.pending]);
    expect(route).toMatchObject({ requiredReads: 2, requiredWriteAcks: 3 });
  });

  it.each([[''], [new Uint8Array()], [7], [null], [undefined]])('refuses %j as a key', async (key) => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    expect(() => client.route(key as string)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    expect(() => client.groupByOwner([key as string])).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
  });

  it('refuses an unknown keyspace and names the known ones', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    expect(() => client.route('a', { keyspace: 'nope' })).toThrow(/expected one of: users/);
  });

  it('groups every key under the owner that route names first', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const keys = Array.from({ length: 200 }, (_, n) => `key-${n}`);
    const groups = client.groupByOwner(keys, { keyspace: 'users' });
    expect([...groups.values()].flat().sort()).toEqual([...keys].sort());
    for (const [hostId, group] of groups) {
      for (const key of group) expect(client.route(key, { keyspace: 'users' }).replicas[0]!.hostId).toBe(hostId);
    }
  });

  it('lists every range with its replicas, and every member', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const ranges = client.ranges({ keyspace: 'users' });
    expect(ranges.map((range) => range.end)).toEqual([-6n * 10n ** 18n, 0n, 6n * 10n ** 18n]);
    expect(ranges[1]!.replicas.map((replica) => replica.hostId)).toEqual([hostIds[1], hostIds[2], hostIds[0]]);
    expect(client.members()[0]).toMatchObject({ hostId: hostIds[0], state: 'normal', tokens: [-6n * 10n ** 18n] });
  });
});

describe('a live ring', () => {
  it('takes a later epoch, tells it, and never goes back to an earlier one of the same lineage', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const later = next(client, 'ring');
    node.push('a-2', 'snapshot', snapshot({ epoch: 9 }));
    expect(await later).toEqual({ kind: 'ring', epoch: 9, ringFingerprint: 'f9', lineage });
    node.push('a-3', 'snapshot', snapshot({ epoch: 8 }));
    const last = next(client, 'ring');
    node.push('a-4', 'snapshot', snapshot({ epoch: 10 }));
    expect((await last).epoch).toBe(10);
    expect(client.route('a').epoch).toBe(10);
  });

  it('shows another lineage and keeps its own until the other has come further', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const other = 'd0000000-0000-4000-8000-000000000002';
    const fork = next(client, 'fork');
    const left = next(client, 'disconnected');
    node.push('a-2', 'snapshot', snapshot({ lineage: other, epoch: 7, ringFingerprint: 'other' }));
    expect(await fork).toMatchObject({ held: { lineage, epoch: 7 }, seen: { lineage: other, epoch: 7 } });
    expect(await left).toMatchObject({ error: { code: 'FORKED' } });
    expect(client.ringFingerprint).toBe('f7');
    const ring = next(client, 'ring');
    node.greeting = first(snapshot({ lineage: other, epoch: 8 }));
    expect(await ring).toMatchObject({ lineage: other, epoch: 8 });
  });

  it('does not stay with a node of another lineage, where one of its own has news', async () => {
    const own = await nodeWith(snapshot({ epoch: 8 }));
    const members = [member(0), member(1, { httpAddress: own.address }), member(2)];
    const node = await nodeWith(snapshot({ members }));
    const client = await connect({ contactPoints: [node.address], idleTimeoutMs: 600_000 });
    const ring = next(client, 'ring');
    node.greeting = first(snapshot({ lineage: 'd0000000-0000-4000-8000-000000000002', epoch: 6, members }));
    node.hangUp();
    expect(await ring).toMatchObject({ lineage, epoch: 8 });
    expect(client.connectedTo).toBe(own.origin);
  });

  it('shows who is drained or about to restart, until it was away and is back', async () => {
    const node = await nodeWith(snapshot({ members: [member(0), member(1, { mode: 'restarting' }), member(2)] }));
    const client = await connect({ contactPoints: [node.address] });
    const modes = () => client.members().map(({ mode }) => mode);
    expect(modes()).toEqual(['ok', 'restarting', 'ok']);
    const route = client.route('alice', { keyspace: 'users' });
    const avoided = route.replicas.find(({ hostId }) => hostId === hostIds[1]);
    expect(avoided).toBeDefined();
    expect(route.readOrder.at(-1)).toEqual(avoided);
    for (const liveness of ['dead', 'alive'] as const) {
      const told = next(client, 'liveness');
      node.push(`a-${liveness}`, 'liveness', { hostId: hostIds[1], liveness });
      await told;
    }
    expect(modes()).toEqual(['ok', 'ok', 'ok']);
  });

  it('moves liveness without a new ring, and tells only what is news', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const told: unknown[] = [];
    client.on('liveness', (event) => told.push(event));
    const done = next(client, 'schema');
    node.push('a-2', 'liveness', { hostId: hostIds[0], liveness: 'alive' });
    node.push('a-3', 'liveness', { hostId: hostIds[1], liveness: 'suspect' });
    node.push('a-4', 'liveness', { hostId: 'ffffffff-1111-4111-8111-111111111111', liveness: 'dead' });
    const moved = schemaVersion.replace('e', 'f');
    node.push(
      'a-5',
      'snapshot',
      snapshot({
        schemaVersion: moved,
        members: [member(0), member(1, { liveness: 'suspect' }), member(2, { liveness: 'dead' })],
      }),
    );
    expect(await done).toEqual({ kind: 'schema', schemaVersion: moved });
    await expect
      .poll(() => told)
      .toEqual([
        { kind: 'liveness', hostId: hostIds[1], liveness: 'suspect' },
        { kind: 'liveness', hostId: hostIds[2], liveness: 'dead' },
      ]);
    expect(client.members().map((each) => each.liveness)).toEqual(['alive', 'suspect', 'dead']);
  });

  it('goes to a member that it learnt of when its only contact point is lost, and routes on meanwhile', async () => {
    const second = await FakeNode.start();
    const node = await nodeWith(
      snapshot({ members: [member(0), member(1, { httpAddress: second.address }), member(2)] }),
    );
    second.greeting = first(snapshot({ epoch: 8 }), 'b-1');
    const client = await connect({ contactPoints: [node.address] });
    const lost = next(client, 'disconnected');
    const found = next(client, 'connected');
    await node.stop();
    expect(await lost).toMatchObject({ origin: node.origin, error: { code: 'UNAVAILABLE' } });
    expect(client.route('a').replicas).toHaveLength(1);
    expect(await found).toEqual({ kind: 'connected', origin: second.origin });
    await expect.poll(() => client.epoch).toBe(8);
    expect(client.connectedTo).toBe(second.origin);
  });

  it('resumes with the id of the last event that it took', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const told = next(client, 'liveness');
    node.push('a-2', 'liveness', { hostId: hostIds[0], liveness: 'dead' });
    await told;
    const again = next(client, 'connected');
    node.hangUp();
    await again;
    expect(node.requests.map((request) => request.headers['last-event-id'])).toEqual([undefined, 'a-2']);
  });

  it.each([
    ['beyond ASCII', 'späť → 2'],
    ['of 20 kB', 'x'.repeat(20_000)],
  ])('does not resume by an id %s, which no header can carry', async (_, id) => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const told = next(client, 'liveness');
    node.push(id, 'liveness', { hostId: hostIds[0], liveness: 'dead' });
    await told;
    const again = next(client, 'connected');
    node.hangUp();
    await again;
    expect(node.requests.map((request) => request.headers['last-event-id'])).toEqual([undefined, undefined]);
  });

  it.each([
    ['no JSON', 'id: a-2\nevent: snapshot\ndata: {"epoch":\n\n'],
    ['another shape', 'id: a-2\nevent: snapshot\ndata: {"epoch":99}\n\n'],
    ['a bad liveness', 'id: a-2\nevent: liveness\ndata: {"hostId":"x","liveness":"fine"}\n\n'],
  ])('leaves a node that sends %s, asks for all again, and keeps its ring', async (_, text) => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const lost = next(client, 'disconnected');
    const again = next(client, 'connected');
    node.pushRaw(text);
    expect(await lost).toMatchObject({ error: { code: 'UNSUPPORTED' } });
    expect(client.epoch).toBe(7);
    await again;
    expect(node.requests.at(-1)!.headers['last-event-id']).toBeUndefined();
  });

  it('takes fields and events that a newer node adds', async () => {
    const node = await nodeWith({ ...snapshot(), later: true });
    const client = await connect({ contactPoints: [node.address] });
    const ring = next(client, 'ring');
    node.push('a-2', 'thoughts', { deep: true });
    node.push('a-3', 'snapshot', snapshot({ epoch: 8 }));
    expect((await ring).epoch).toBe(8);
    expect(node.requests).toHaveLength(1);
  });

  it('leaves a node of another cluster', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    const lost = next(client, 'disconnected');
    node.push('a-2', 'snapshot', snapshot({ epoch: 99, clusterId: 'c0000000-0000-4000-8000-000000000002' }));
    expect(await lost).toMatchObject({ error: { code: 'REFUSED' } });
    expect(client.epoch).toBe(7);
  });

  it('leaves a node that falls silent', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address], idleTimeoutMs: 50 });
    expect(await next(client, 'disconnected')).toMatchObject({ error: { code: 'TIMEOUT' } });
  });
});

describe('connecting', () => {
  it('passes over contact points that are down', async () => {
    const gone = await FakeNode.start();
    await gone.stop();
    const node = await nodeWith();
    const client = await connect({ contactPoints: [gone.address, node.address] });
    expect(client.connectedTo).toBe(node.origin);
  });

  it('passes over a node that agrees to send but has no ring yet', async () => {
    const empty = await FakeNode.start();
    const node = await nodeWith();
    const client = await connect({ contactPoints: [empty.address, node.address], connectTimeoutMs: 1_500 });
    expect(client.connectedTo).toBe(node.origin);
  });

  it('gives up after its time-out, saying what each contact point answered', async () => {
    const gone = await FakeNode.start();
    await gone.stop();
    const tried = RingClient.connect({ contactPoints: [gone.address], connectTimeoutMs: 150 });
    await expect(tried).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`${gone.origin} cannot be reached`),
      hint: expect.any(String),
    });
  });

  it('names the contact points that have not answered, and what the others said, when its time is over', async () => {
    const mute = await FakeNode.start();
    const gone = await FakeNode.start();
    await gone.stop();
    const tried = RingClient.connect({ contactPoints: [gone.address, mute.address], connectTimeoutMs: 150 });
    await expect(tried).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        new RegExp(`${gone.origin} cannot be reached.*; ${mute.origin} (has not answered yet|sent no snapshot)$`),
      ),
    });
  });

  it('passes over the nodes of clusters by other names, and gives up at once if there are no others', async () => {
    const foreign = await nodeWith(snapshot({ cluster: 'staging', clusterId: 'c0000000-0000-4000-8000-000000000009' }));
    const node = await nodeWith();
    const client = await connect({ contactPoints: [foreign.address, node.address], cluster: 'murmurs' });
    expect(client.connectedTo).toBe(node.origin);
    expect([client.cluster, client.clusterId]).toEqual(['murmurs', clusterId]);
    await expect(connect({ contactPoints: [foreign.address], cluster: 'murmurs' })).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('staging'),
    });
  });

  it.each([
    ['a token with the line break of its file', { token: 'sesame\n' }],
    ['certificates of another type', { ca: 5 as never }],
  ])('refuses %s, and does not end the process by it', async (_, options) => {
    const tried = RingClient.connect({ contactPoints: ['https://127.0.0.1:1'], ...options });
    await expect(tried).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', hint: expect.stringContaining('token') });
  });

  it('sends its token, and gives up at once when it is refused', async () => {
    const node = await FakeNode.start();
    node.refuseEvents = { status: 401, body: errorBody('UNAUTHORIZED', 'the token is wrong', 'Give the right one.') };
    await expect(RingClient.connect({ contactPoints: [node.address], token: 'sesame' })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: 'the token is wrong',
      hint: 'Give the right one.',
    });
    expect(node.requests.map((request) => request.headers.authorization)).toEqual(['Bearer sesame']);
  });

  it('waits for a node that is just stopping', async () => {
    const node = await nodeWith();
    node.refuseEvents = { status: 503, body: errorBody('STOPPED', 'this node is stopping') };
    const connecting = connect({ contactPoints: [node.address] });
    await expect.poll(() => node.requests.length).toBeGreaterThan(0);
    node.refuseEvents = null;
    expect((await connecting).epoch).toBe(7);
  });

  it.each([[[]], [undefined], [['nonsense']]])('refuses contactPoints %j', async (contactPoints) => {
    await expect(RingClient.connect({ contactPoints: contactPoints as string[] })).rejects.toMatchObject({
      code: expect.stringMatching(/^INVALID_/),
    });
  });
});

describe('a client', () => {
  it('asks a node whether all agree on the schema, and another one if that is down', async () => {
    const other = await nodeWith();
    const node = await nodeWith(
      snapshot({ members: [member(0), member(1, { httpAddress: other.address }), member(2)] }),
    );
    const answer = {
      agreed: true,
      schemaVersion,
      schemaVersions: { [schemaVersion]: ['10.0.0.1:7600'] },
      differing: [],
      unreachable: [],
    };
    node.answer = () => ({
      status: 503,
      body: { error: { ...errorBody('UNAVAILABLE', 'busy').error, retryable: true } },
    });
    other.answer = () => ({ status: 200, body: answer });
    const client = await connect({ contactPoints: [node.address] });
    expect(await client.awaitSchemaAgreement({ timeoutMs: 500 })).toEqual(answer);
    const [, leftMs] = /^\/v1\/schema\/agreement\?timeoutMs=(\d+)$/.exec(other.requests.at(-1)!.url)!;
    expect(Number(leftMs)).toBeGreaterThan(0);
    expect(Number(leftMs)).toBeLessThanOrEqual(500);
  });

  it('asks no further node about the schema once its time is over', async () => {
    const other = await nodeWith();
    const node = await nodeWith(snapshot({ members: [member(0), member(1, { httpAddress: other.address })] }));
    let recover = (): void => {};
    node.overloaded = new Promise((resolve) => {
      recover = resolve;
    });
    node.answer = () => ({ status: 503, body: errorBody('UNAVAILABLE', 'busy') });
    const client = await connect({ contactPoints: [node.address] });
    const endMs = performance.now() + 30;
    const asked = client.awaitSchemaAgreement({ timeoutMs: 20 });
    await expect.poll(() => performance.now() > endMs && node.requests.length === 2).toBe(true);
    recover();
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'busy' });
    expect(other.requests).toEqual([]);
  });

  it('asks another node about the schema when the first is just stopping', async () => {
    const other = await nodeWith();
    const node = await nodeWith(snapshot({ members: [member(0), member(1, { httpAddress: other.address })] }));
    const answer = { agreed: true, schemaVersion, schemaVersions: {}, differing: [], unreachable: [] };
    node.answer = () => ({ status: 503, body: errorBody('STOPPED', 'this node is stopping') });
    other.answer = () => ({ status: 200, body: answer });
    const client = await connect({ contactPoints: [node.address] });
    expect(await client.awaitSchemaAgreement({ timeoutMs: 500 })).toEqual(answer);
  });

  it('breaks its questions off when it is closed', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    node.holdAnswers = true;
    const asked = client.awaitSchemaAgreement();
    await expect.poll(() => node.requests.length).toBe(2);
    client.close();
    await expect(asked).rejects.toMatchObject({ code: 'STOPPED' });
    expect(node.requests).toHaveLength(2);
  });

  it('stops telling a listener that left', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    let told = 0;
    const stop = client.on('ring', () => told++);
    stop();
    const ring = next(client, 'ring');
    node.push('a-2', 'snapshot', snapshot({ epoch: 8 }));
    await ring;
    expect(told).toBe(0);
  });

  it('closes twice, leaves no stream, and routes no more', async () => {
    const node = await nodeWith();
    const client = await connect({ contactPoints: [node.address] });
    client.close();
    client.close();
    await expect.poll(() => node.streams).toBe(0);
    expect(() => client.route('a')).toThrow(expect.objectContaining({ code: 'STOPPED' }));
    expect(node.requests).toHaveLength(1);
  });
});
