import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { paths } from '../../src/api/paths.ts';
import { type HttpServerOptions, startHttpServer } from '../../src/http/server.ts';
import { FakeNodePort, uuid } from './fake-node-port.ts';

const deadlineMs = 5_000;

async function serve(port: FakeNodePort, options: Partial<HttpServerOptions> = {}) {
  const logger = { error: () => {} };
  const listen = { host: '127.0.0.1', port: 0 };
  const server = await startHttpServer({ listen, port, logger, bearerToken: null, insecure: false, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** Follows the events of a server until the test ends, or the server ends them. */
async function follow(address: string, lastEventId?: string) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetch(`http://${address}${paths.events}`, { headers, signal: abort.signal });
  const told: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => told.push(event) });
  const ended = (async () => {
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) parser.feed(chunk);
    } catch {
      // Cut off, by either side.
    }
  })();
  return {
    response,
    told,
    ended,
    leave: () => abort.abort(),
    has: (count: number) =>
      vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(count), { timeout: deadlineMs, interval: 2 }),
  };
}

/** Asks for the events and then never reads: what a stopped or stalled client looks like. */
async function stall(address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${paths.events} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  return socket;
}

describe('startHttpServer', () => {
  it('streams events over a real socket, and resumes where the listener was cut off', async () => {
    const port = new FakeNodePort();
    const { address } = await serve(port);
    const first = await follow(address);
    await first.has(1);
    expect(first.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(first.told[0]).toMatchObject({ event: 'snapshot' });
    port.emit({ kind: 'liveness', hostId: uuid(2), liveness: 'alive' });
    await first.has(2);
    first.leave();
    await first.ended;
    port.emit({ kind: 'liveness', hostId: uuid(3), liveness: 'suspect' });
    const second = await follow(address, first.told[1]!.id);
    await second.has(1);
    expect(second.told.map((each) => [each.event, JSON.parse(each.data)])).toEqual([
      ['liveness', { hostId: uuid(3), liveness: 'suspect' }],
    ]);
  });

  it('G18: a listener that never reads is cut off, so that it holds no memory; others miss nothing', async () => {
    const port = new FakeNodePort();
    const { address } = await serve(port);
    const stalled = await stall(address);
    const reader = await follow(address);
    await reader.has(1);
    const keys = Array.from({ length: 1_000 }, (_, n) => `x:${'k'.repeat(60)}${n}`);
    const events = 400;
    for (let told = 1; told <= events; told++) {
      port.emit({ kind: 'states', hostId: uuid(3), keys });
      if (told % 20 === 0) await reader.has(1 + told);
    }
    await reader.has(1 + events);
    const closed = once(stalled, 'close');
    stalled.resume();
    await closed;
    // Not all was ever written to it.
    expect(stalled.bytesRead).toBeLessThan(events * 60 * keys.length);
  });

  it('close ends open streams at once, and is safe to call twice', async () => {
    const port = new FakeNodePort();
    const server = await serve(port);
    const stream = await follow(server.address);
    await stream.has(1);
    await server.close();
    await stream.ended;
    await server.close();
    expect(port.subscribers).toBe(0);
    await expect(fetch(`http://${server.address}${paths.healthz}`)).rejects.toThrow();
  });

  it('says which address is in use, and leaves nothing behind', async () => {
    const { address } = await serve(new FakeNodePort());
    const port = new FakeNodePort();
    const listen = { host: '127.0.0.1', port: Number(address.split(':')[1]) };
    await expect(serve(port, { listen })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringContaining(address),
      hint: expect.stringContaining('--http'),
    });
    expect(port.subscribers).toBe(0);
  });

  it('asks the members about their schema no more when whoever wanted to know is gone', async () => {
    const port = new FakeNodePort();
    const { address } = await serve(port);
    const abort = new AbortController();
    const asked = fetch(`http://${address}${paths.schemaAgreement}?timeoutMs=600000`, { signal: abort.signal });
    let surveys = 0;
    port.survey = async () => {
      const undecided = { answers: [], silent: port.memberViews };
      if (++surveys > 1) return undecided;
      abort.abort();
      await expect(asked).rejects.toThrow();
      // What comes after is known to the server when it answers another connection.
      await fetch(`http://${address}${paths.healthz}`);
      return undecided;
    };
    await vi.waitFor(() => expect(surveys).toBe(1), { timeout: deadlineMs, interval: 2 });
    // It would ask again after 50 ms.
    await expect(vi.waitFor(() => expect(surveys).toBe(2), { timeout: 500, interval: 10 })).rejects.toThrow();
  });

  it.each(['2001:db8::1', 'fe80::1'])('names %s, which is not of this host, as it is to be written', async (host) => {
    const listen = { host, port: 7601 };
    await expect(serve(new FakeNodePort(), { listen, bearerToken: 'sesame' })).rejects.toMatchObject({
      code: 'INVALID_ADDRESS',
      message: expect.stringContaining(`[${host}]:7601`),
    });
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'node1.example'])(
    'does not listen on %s without token or insecure',
    async (host) => {
      const port = new FakeNodePort();
      await expect(serve(port, { listen: { host, port: 0 } })).rejects.toMatchObject({ code: 'INSECURE' });
      expect(port.subscribers).toBe(0);
    },
  );

  it('listens off loopback with a token and asks for it', async () => {
    const { address } = await serve(new FakeNodePort(), { listen: { host: '0.0.0.0', port: 0 }, bearerToken: 'right' });
    const url = `http://127.0.0.1:${address.split(':')[1]}${paths.status}`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: 'Bearer right' } })).status).toBe(200);
  });
});
