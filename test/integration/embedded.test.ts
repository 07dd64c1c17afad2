import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RingClient } from '../../src/client/client.ts';
import { type MurmuringNode, type NodeOptions, startNode, tokenOf } from '../../src/runtime/murmuring.ts';
import { runRingctl } from '../cli/run-ringctl.ts';
import { freshDirectory, getJson, until } from './processes.ts';

async function embed(options: Partial<NodeOptions> = {}): Promise<MurmuringNode> {
  const node = await startNode({
    cluster: 'embedded',
    listen: '127.0.0.1:0',
    http: '127.0.0.1:0',
    data: await freshDirectory(),
    gossipIntervalMs: 100,
    logger: pino({ level: 'silent' }),
    ...options,
  });
  onTestFinished(() => node.stop());
  return node;
}

describe('nodes embedded in one process', () => {
  it('do not disturb one another, gossip application states and load, and route as one', async () => {
    const directory = await freshDirectory();
    await writeFile(join(directory, 'data'), Buffer.alloc(12_345));
    const a = await embed({ loadProvider: async () => 777 });
    const seeds = [a.gossipAddress];
    const [b, observer] = await Promise.all([
      embed({ seeds, loadDirectory: directory }),
      embed({ seeds, join: false }),
    ]);
    await until(
      () => [a, b, observer].every((node) => node.members().filter((m) => m.liveness === 'alive').length === 3),
      20_000,
    );
    await until(() => observer.ring()?.natural.length === 2, 10_000);
    expect(observer.members().find((member) => member.hostId === observer.hostId)?.state).toBeNull();

    const seen: (string | null)[] = [];
    observer.watch('colour', (change) => seen.push(change.value));
    await a.setState('colour', 'blue');
    await until(() => observer.state(a.hostId, 'colour') === 'blue' && b.state(a.hostId, 'colour') === 'blue', 10_000);
    await a.deleteState('colour');
    await until(() => observer.state(a.hostId, 'colour') === null, 10_000);
    expect(seen).toEqual(['blue', null]);
    await expect(a.setState('big', 'x'.repeat(5_000))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(a.state(a.hostId, 'big')).toBeNull();

    await b.putKeyspace('ks', { class: 'SimpleStrategy', replication_factor: 2 });
    expect(await a.awaitSchemaAgreement({ timeoutMs: 10_000 })).toMatchObject({ agreed: true });
    const route = a.route('ada', { keyspace: 'ks' });
    expect(route.token).toBe(tokenOf('ada'));
    expect(route.replicas.map(({ hostId }) => hostId)).toEqual(
      observer.route('ada', { keyspace: 'ks' }).replicas.map(({ hostId }) => hostId),
    );
    expect(route).toMatchObject({ requiredReads: 2, requiredWriteAcks: 2, writeReplicas: route.replicas });
    for (const node of [a, b, observer]) {
      node.guard('ada', { epoch: route.epoch, keyspace: 'ks' });
      // Before epoch 4 there was one owner, and RF 2 has touched every key since.
      expect(() => node.guard('ada', { epoch: 1, keyspace: 'ks' })).toThrow(
        expect.objectContaining({ code: 'STALE_ROUTE', hint: expect.stringContaining(`epoch ${route.epoch}`) }),
      );
    }
    expect(() => a.guard('ada', { epoch: Number.NaN })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    await expect(b.putKeyspace('ks', { class: 'SimpleStrategy', replication_factor: 1 })).rejects.toMatchObject({
      name: 'RingError',
    });
    await expect(b.putDocument('huge', 'x'.repeat(300_000))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(b.putKeyspace('mars', { class: 'NetworkTopologyStrategy', mars: 1 })).rejects.toMatchObject({
      code: 'UNKNOWN_DATACENTER',
    });
    expect(() => a.route('')).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    expect(() => a.route(7 as never)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));

    const loads = async (): Promise<Record<string, number | null>> => {
      const { nodes } = await getJson(a.httpAddress!, '/v1/status');
      return Object.fromEntries(nodes.map((node: { hostId: string; load: number | null }) => [node.hostId, node.load]));
    };
    await until(async () => (await loads())[b.hostId] === 12_345, 15_000);
    expect(await loads()).toMatchObject({ [a.hostId]: 777 });
  });

  it('are handed to onStart before they join, to set their states; its failure fails the start', async () => {
    const a = await embed({ onStart: (node) => node.setState('app', 'a:1') });
    const seen: (readonly [string, boolean])[] = [];
    const b = await embed({
      seeds: [a.gossipAddress],
      onStart: async (node) => {
        seen.push([node.hostId, node.ring()?.natural.some(({ hostId }) => hostId === node.hostId) ?? false]);
        await node.setState('app', 'b:2');
      },
    });
    expect(seen).toEqual([[b.hostId, false]]);
    expect(b.state(a.hostId, 'app')).toBe('a:1');
    await until(() => a.state(b.hostId, 'app') === 'b:2', 10_000);
    const failing = async (): Promise<void> => {
      throw new Error('no disk');
    };
    await expect(embed({ onStart: failing })).rejects.toMatchObject({ message: 'onStart failed: no disk' });
  });

  it("go on when a listener of the application throws, which is the application's own crash", async () => {
    const node = await embed();
    const crashed = new Promise<unknown>((resolve) => {
      const [...others] = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        for (const other of others) process.on('uncaughtException', other);
        resolve(error);
      });
    });
    node.watch('colour', () => {
      throw new Error('a bug of the application');
    });
    await node.setState('colour', 'blue');
    expect(await crashed).toMatchObject({ message: 'a bug of the application' });
    expect(node.state(node.hostId, 'colour')).toBe('blue');
    await expect(node.setState('\ud800', 'half')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('serve a routing client, which follows to another node when its own goes', async () => {
    const a = await embed();
    const [b, c] = await Promise.all([embed({ seeds: [a.gossipAddress] }), embed({ seeds: [a.gossipAddress] })]);
    await until(() => [a, b, c].every((node) => node.ring()?.natural.length === 3), 20_000);
    await a.putKeyspace('ks', { class: 'SimpleStrategy', replication_factor: 3 });
    await a.awaitSchemaAgreement({ timeoutMs: 10_000 });
    const client = await RingClient.connect({ contactPoints: [a.httpAddress!] });
    onTestFinished(() => client.close());
    await until(() => client.route('ada', { keyspace: 'ks' }).replicas.length === 3, 5_000);
    for (const key of ['ada', 'grace', new Uint8Array([255, 0, 128])]) {
      const mine = client.route(key, { keyspace: 'ks' });
      const theirs = b.route(key, { keyspace: 'ks' });
      expect(mine.token).toBe(theirs.token);
      expect(mine.ringFingerprint).toBe(theirs.ringFingerprint);
      expect(mine.replicas.map(({ hostId }) => hostId)).toEqual(theirs.replicas.map(({ hostId }) => hostId));
    }
    const gone = a.hostId;
    await a.stop();
    await until(() => client.connectedTo !== null && !client.connectedTo.endsWith(a.httpAddress!), 20_000);
    await until(
      () => client.route('ada', { keyspace: 'ks' }).replicas.find(({ hostId }) => hostId === gone)?.liveness === 'dead',
      20_000,
    );
    expect((await client.awaitSchemaAgreement({ timeoutMs: 5_000 })).agreed).toBe(true);
  });

  it('S07 describecluster: the same counts, datacenters and one version at each, and a stopped node is unreachable', async () => {
    const first = await embed();
    const seeds = [first.gossipAddress];
    const others = await Promise.all(
      ['dc2', 'dc2', 'dc3'].map((datacenter, index) => embed({ seeds, datacenter, rack: `rack${index}` })),
    );
    const nodes = [first, ...others];
    const seen = (node: MurmuringNode) => node.members().filter(({ liveness }) => liveness === 'alive');
    await until(() => nodes.every((node) => seen(node).length === 4 && node.ring()?.natural.length === 4), 20_000);
    const describe = (node: MurmuringNode) => runRingctl(['--http', `http://${node.httpAddress}`, 'describecluster']);
    for (const { exitCode, stdout } of await Promise.all(nodes.map(describe))) {
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/dc1 #Nodes: 1 #Down: 0/);
      expect(stdout).toMatch(/dc2 #Nodes: 2 #Down: 0/);
      expect(stdout).toMatch(/dc3 #Nodes: 1 #Down: 0/);
    }
    const stopped = others[2]!;
    const { hostId, gossipAddress } = stopped;
    await stopped.stop();
    // A clean stop is announced: nobody has to wait for a detector.
    await until(() => first.members().find((each) => each.hostId === hostId)?.liveness === 'dead', 2_000);
    const cluster = await getJson(first.httpAddress!, '/v1/describecluster');
    expect(Object.keys(cluster.schemaVersions)).toHaveLength(1);
    expect(JSON.stringify(cluster.unreachable)).toContain(gossipAddress);
  });

  it('stop both, and say why, when they run on a copied data directory', async () => {
    const first = await embed();
    const seeds = [first.gossipAddress];
    const data = await freshDirectory();
    const second = await embed({ seeds, data });
    await second.stop();
    const copy = await freshDirectory();
    await cp(data, copy, { recursive: true });
    const end = async (each: string): Promise<unknown> => (await embed({ seeds, data: each })).stopped;
    // One of them may be told before it is up: then its start fails.
    const ends = await Promise.all([data, copy].map((each) => end(each).catch((error: unknown) => error)));
    expect(ends).toMatchObject([{ code: 'HOST_ID_COPIED' }, { code: 'HOST_ID_COPIED' }]);
    expect(first.ring()!.natural).toHaveLength(2);
  });

  it('refuse what is no text for a document, and every command once they are stopped', async () => {
    const node = await embed();
    await expect(node.putDocument('d', 5 as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(node.putDocument('d', undefined as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(node.putDocument(5 as never, 'text')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await node.putDocument('d', 'text');
    await node.stop();
    await expect(node.setState('a', 'b')).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('do not found as observers, and say so', async () => {
    await expect(embed({ join: false })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('say why a start failed and leave nothing open', async () => {
    const data = await freshDirectory();
    await expect(embed({ data, seeds: ['127.0.0.1:1'], joinTimeout: '1s' })).rejects.toMatchObject({
      code: 'SEEDS_UNREACHABLE',
    });
    const aborted = new AbortController();
    const starting = embed({ data, seeds: ['127.0.0.1:1'], signal: aborted.signal });
    aborted.abort();
    await expect(starting).rejects.toMatchObject({ code: 'STOPPED' });
    // The same directory is free again.
    const node = await embed({ data });
    await node.stop();
    await node.stop();
    expect(await node.stopped).toBeNull();
  });
});
