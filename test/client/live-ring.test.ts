import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { parseContactPoint } from '../../src/client/contact-point.ts';
import type { HttpDoor } from '../../src/client/http-door.ts';
import { LiveRing } from '../../src/client/live-ring.ts';
import { reconnectionDelayMs } from '../../src/client/reconnection.ts';
import { connect, first, next, nodeWith } from './connected.ts';
import { FakeNode } from './fake-node.ts';
import { hostIds, lineage, member, schemaVersion, snapshot } from './snapshots.ts';

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

const random = { uint32: () => 0, fraction: () => 0, below: () => 0 };

it('rests once, longer each time, after a node that ends each stream as soon as it is open', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const openedMs: number[] = [];
  const door = {
    openEvents: (_point: unknown, _path: string, { onOpen, onEnd }: Parameters<HttpDoor['openEvents']>[2]) => {
      queueMicrotask(() => {
        openedMs.push(performance.now());
        onOpen();
        onEnd(new RingError('TIMEOUT', 'the stream ended'));
      });
      return { close() {} };
    },
  } as unknown as HttpDoor;
  const ring = new LiveRing({
    door,
    contactPoints: [parseContactPoint('127.0.0.1:1', 'http:')],
    cluster: null,
    random,
    firstAttemptTimeoutMs: 1_000,
    attemptTimeoutMs: 1_000,
    idleTimeoutMs: 1_000,
    onEvent: () => {},
  });
  onTestFinished(() => ring.close());
  void ring.run(() => {});
  await vi.advanceTimersByTimeAsync(1_000);
  const rests = openedMs.slice(1).map((atMs, index) => atMs - openedMs[index]!);
  expect(rests.slice(0, 4)).toEqual([1, 2, 3, 4].map((misses) => reconnectionDelayMs(misses, random)));
});
