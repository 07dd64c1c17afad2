import { describe, expect, it } from 'vitest';
import { tokenOf } from '../../src/client/client.ts';
import { connect, next, nodeWith } from './connected.ts';
import { errorBody } from './fake-node.ts';
import { hostIds, member, schemaVersion, snapshot } from './snapshots.ts';

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
