import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RingClient } from '../../src/client/client.ts';
import { snapshot } from './snapshots.ts';

/** A certificate for localhost made for these tests, valid till 2124, and its key. Nothing else trusts it. */
const cert = readFileSync(join(import.meta.dirname, 'tls', 'cert.pem'), 'utf8');
const key = readFileSync(join(import.meta.dirname, 'tls', 'key.pem'), 'utf8');

async function serve(): Promise<string> {
  const server = createServer({ cert, key }, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`id: a-1\nevent: snapshot\ndata: ${JSON.stringify(snapshot())}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

describe('a client over TLS', () => {
  it('trusts the certificate that it was given, and no other', async () => {
    const origin = await serve();
    const client = await RingClient.connect({ contactPoints: [origin], ca: cert });
    onTestFinished(() => client.close());
    expect(client.epoch).toBe(7);
    const tried = RingClient.connect({ contactPoints: [origin], connectTimeoutMs: 100 });
    await expect(tried).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('certificate') });
  });
});
