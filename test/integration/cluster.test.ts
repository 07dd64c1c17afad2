import { describe, expect, it } from 'vitest';
import { runRingctl } from '../cli/run-ringctl.ts';
import { Daemon, fastGossip, freshDirectory, getJson, nodeFlags, type ReadyLine, ringctl, until } from './processes.ts';

interface Started {
  readonly daemon: Daemon;
  readonly ready: ReadyLine;
  readonly data: string;
  readonly flags: readonly string[];
}

async function startNode(seeds: readonly string[] = [], more: readonly string[] = []): Promise<Started> {
  const data = await freshDirectory();
  const flags = nodeFlags(data, seeds, more);
  const daemon = new Daemon(flags, fastGossip);
  return { daemon, ready: await daemon.ready(), data, flags };
}

async function startCluster(size: number): Promise<Started[]> {
  const first = await startNode();
  const others = await Promise.all(
    Array.from({ length: size - 1 }, (_, index) =>
      startNode([first.ready.gossipAddress], ['--rack', `rack${index + 2}`]),
    ),
  );
  return [first, ...others];
}

// biome-ignore lint/suspicious/noExplicitAny: answers are judged field by field.
const nodesOf = async (node: Started): Promise<any[]> => (await getJson(node.ready.httpAddress, '/v1/status')).nodes;

const allAlive = async (nodes: readonly Started[], size: number): Promise<boolean> => {
  for (const node of nodes) {
    const seen = await nodesOf(node);
    if (seen.length !== size || seen.some(({ liveness, state }) => liveness !== 'alive' || state !== 'normal'))
      return false;
  }
  return true;
};

describe('a cluster of real processes', () => {
  it('bootstraps from a seed, routes alike everywhere, agrees on the schema, survives kill -9 and a cold start, and stops at once at a second signal', async () => {
    const nodes = await startCluster(3);
    const [a, b, c] = nodes as [Started, Started, Started];
    await until(() => allAlive(nodes, 3), 20_000);

    // One ring: equal fingerprints, equal owners.
    const rings = await Promise.all(nodes.map((node) => getJson(node.ready.httpAddress, '/v1/ring')));
    expect(new Set(rings.map((ring) => ring.ringFingerprint)).size).toBe(1);
    expect(rings[0].tokens).toHaveLength(48);
    const tokens = rings[0].tokens.map(({ token }: { token: string }) => BigInt(token));
    expect(tokens).toEqual([...tokens].sort((left, right) => (left < right ? -1 : 1)));

    // Schema: put on one, agreed by all, edited on two at once, agreed again.
    const replication = JSON.stringify({ class: 'SimpleStrategy', replication_factor: 3 });
    const order = (node: Started, ...args: string[]) =>
      runRingctl(['--http', `http://${node.ready.httpAddress}`, 'schema', ...args]);
    const put = (node: Started, name: string) => order(node, 'put', 'keyspace', name, '--replication', replication);
    const agree = (node: Started) => order(node, 'agree', '--timeout', '20s');
    expect(await put(b, 'orders')).toMatchObject({ exitCode: 0 });
    expect(await agree(a)).toMatchObject({ exitCode: 0 });
    await Promise.all([put(a, 'left'), put(c, 'right')]);
    expect(await agree(b)).toMatchObject({ exitCode: 0 });
    for (const node of nodes) {
      const route = await getJson(node.ready.httpAddress, '/v1/route?key=ada&keyspace=orders');
      expect(route).toEqual(await getJson(a.ready.httpAddress, '/v1/route?key=ada&keyspace=orders'));
      expect(route.replicas).toHaveLength(3);
    }
    const printed = await ringctl(a.ready.httpAddress, 'route', 'ada', '--keyspace', 'left', '--json');
    expect(JSON.parse(printed.stdout)).toEqual(await getJson(a.ready.httpAddress, '/v1/route?key=ada&keyspace=left'));

    // kill -9: seen dead, still owner; started again: itself, one generation later, also while its seed is down.
    const before = (await nodesOf(a)).find(({ hostId }) => hostId === c.ready.hostId);
    await c.daemon.crash();
    await until(
      async () => (await nodesOf(b)).find(({ hostId }) => hostId === c.ready.hostId).liveness === 'dead',
      30_000,
    );
    await a.daemon.crash();
    const again = new Daemon(c.flags, fastGossip);
    const ready = await again.ready();
    expect(ready.hostId).toBe(c.ready.hostId);
    const revived: Started = { ...c, daemon: again, ready };
    await until(
      async () => (await nodesOf(b)).find(({ hostId }) => hostId === c.ready.hostId).liveness === 'alive',
      30_000,
    );
    const after = (await nodesOf(b)).find(({ hostId }) => hostId === c.ready.hostId);
    expect(after.generation).toBeGreaterThan(before.generation);
    expect((await getJson(ready.httpAddress, '/v1/ring')).ringFingerprint).toBe(rings[0].ringFingerprint);
    expect(await nodesOf(revived)).toHaveLength(3);

    // A second signal does not wait for what the first has begun.
    b.daemon.kill('SIGTERM');
    b.daemon.kill('SIGINT');
    expect([130, 143]).toContain(await b.daemon.exited);
  });
});
