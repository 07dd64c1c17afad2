import { createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { parseContactPoint } from '../../src/client/contact-point.ts';
import { HttpDoor } from '../../src/client/http-door.ts';

/** A host that takes bytes and answers none, so that no TLS connection to it ever stands. */
async function muteHost(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

it('a question to a host that cannot be connected to ends long before the answer would be due', async () => {
  const point = parseContactPoint(`https://127.0.0.1:${await muteHost()}`);
  const asked = new HttpDoor({ token: null, ca: null }).getJson(point, '/', {
    connectTimeoutMs: 20,
    timeoutMs: 60_000,
  });
  await expect(asked).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('20 ms') });
});
