import { describe, expect, it, onTestFinished } from 'vitest';
import { RingClient } from '../../src/client/client.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { FakeNodePort } from '../http/fake-node-port.ts';

/** The real HTTP server over a fake node. */
async function serve(bearerToken: string | null = null) {
  const port = new FakeNodePort();
  const logger = { error: () => {} };
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    port,
    logger,
    bearerToken,
    insecure: false,
  });
  onTestFinished(() => server.close());
  return { port, server };
}

describe('a client of the real HTTP server', () => {
  it('routes every key as the node itself, and follows its ring', async () => {
    const { port, server } = await serve('sesame');
    const client = await RingClient.connect({ contactPoints: [server.address], token: 'sesame' });
    onTestFinished(() => client.close());
    for (let n = 0; n < 200; n++) {
      const key = `key-${n}`;
      const own = port.router()!.route(key, 'users');
      const route = client.route(key, { keyspace: 'users' });
      expect([route.token, route.replicas.map((each) => each.hostId)]).toEqual([
        own.token,
        own.replicas.map((each) => each.hostId),
      ]);
    }
    const moved = new Promise((resolve) => client.on('ring', resolve));
    port.epoch = 8;
    port.emit({ kind: 'ring' });
    expect(await moved).toMatchObject({ kind: 'ring', epoch: 8 });
  });

  it('hears whether all agree on the schema', async () => {
    const { server } = await serve();
    const client = await RingClient.connect({ contactPoints: [server.address] });
    onTestFinished(() => client.close());
    expect(await client.awaitSchemaAgreement({ timeoutMs: 1_000 })).toMatchObject({ agreed: true, differing: [] });
  });

  it('is told at once that its token is wrong', async () => {
    const { server } = await serve('sesame');
    const tried = RingClient.connect({ contactPoints: [server.address], token: 'open' });
    await expect(tried).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});
