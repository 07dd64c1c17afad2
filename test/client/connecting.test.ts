import { describe, expect, it } from 'vitest';
import { RingClient } from '../../src/client/client.ts';
import { connect, nodeWith } from './connected.ts';
import { errorBody, FakeNode } from './fake-node.ts';
import { clusterId, snapshot } from './snapshots.ts';

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
