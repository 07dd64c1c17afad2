import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/transport/socket-address.ts';
import { openSocketTransport, type SocketTransportOptions } from '../../src/transport/socket-transport.ts';
import { ClusterKeys } from '../../src/wire/cluster-keys.ts';
import { Envelope } from '../../src/wire/envelope.ts';
import { encodeMessage } from '../../src/wire/message-codec.ts';
import { StreamSession } from '../../src/wire/stream-session.ts';
import { clusterId, describeTransport, ping, shadowSyn, TestNode, until } from './transport-suite.ts';

describeTransport('socket', () => openSocketTransport);

describe('the socket transport on a real network', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    await Promise.all(cleanups.splice(0).map((clean) => clean()));
  });

  const node = async (number: number, changed: Partial<SocketTransportOptions> = {}): Promise<TestNode> => {
    const made = await new TestNode(number).open((options) => openSocketTransport({ ...options, ...changed }));
    cleanups.push(() => made.transport.close());
    return made;
  };
  const udp = (): UdpSocket => {
    const socket = createSocket('udp4');
    cleanups.push(() => socket.close());
    return socket;
  };
  const dial = async (to: TestNode): Promise<Socket> => {
    const socket = connect(to.transport.address.port, '127.0.0.1');
    socket.on('error', () => {});
    // Whoever does not read never learns that the other end closed.
    socket.resume();
    cleanups.push(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  /** However it is closed: who is cut off while its bytes arrive sees a reset. */
  const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));
  /** A client with the right secret, driven by hand. */
  const insider = () => {
    const identity = { hostId: '00000000-0000-4000-8000-000000000077', bootNonce: '7777777777777777' };
    const keys = new ClusterKeys({ clusterName: 'suite', clusterId, secret: Buffer.from('the secret of the suite') });
    return { keys, ...identity, random: Buffer.alloc(16, 1) };
  };

  it('drops garbage datagrams of any length, counts each, answers none, and goes on', async () => {
    const [alice, bob] = [await node(1), await node(2)];
    const stranger = udp();
    let answers = 0;
    stranger.on('message', () => answers++);
    const lengths = [0, 1, 13, 20, 36, 200, 1_400, 1_401, 9_000];
    for (const length of lengths) stranger.send(Buffer.alloc(length, 0x47), bob.transport.address.port, '127.0.0.1');
    await until(() => bob.transport.counters.rejectedInAll === lengths.length);
    expect(bob.rejected('tooLarge')).toBe(2);
    expect(bob.rejected('notAFrame')).toBe(lengths.length - 2);
    alice.transport.send(bob.destination, 'datagram', ping(1));
    await until(() => bob.arrived.length === 1);
    expect(answers).toBe(0);
  });

  it('drops a connection that speaks something else, at its first bytes and without a word', async () => {
    const bob = await node(2);
    const socket = await dial(bob);
    let answered = 0;
    socket.on('data', (chunk) => {
      answered += chunk.length;
    });
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await closed(socket);
    expect([answered, bob.rejected('notAFrame')]).toEqual([0, 1]);
  });

  it('refuses a datagram that is sent again by somebody who recorded it', async () => {
    const bob = await node(2);
    const envelope = new Envelope(insider());
    const frame = envelope.seal(bob.hostId, encodeMessage(insider().hostId, ping(1)));
    const stranger = udp();
    for (let time = 0; time < 3; time++) stranger.send(frame, bob.transport.address.port, '127.0.0.1');
    await until(() => bob.rejected('replayed') === 2);
    expect(bob.arrived).toHaveLength(1);
  });

  it('cuts off who begins a handshake, or a frame, and does not end it in time', async () => {
    const bob = await node(2, { limits: { connectTimeoutMs: 200, frameTimeoutMs: 200 } });
    const closes: Promise<unknown>[] = [];
    const silent = await dial(bob);
    closes.push(closed(silent));
    const half = await dial(bob);
    half.write(StreamSession.client(insider(), bob.hostId, false).hello.subarray(0, 20));
    closes.push(closed(half));
    // A stranger without the secret finishes the handshake: it still has to prove itself in the same time.
    const unproven = await dial(bob);
    unproven.write(StreamSession.client(insider(), bob.hostId, false).hello);
    closes.push(closed(unproven));
    // An insider who sends a frame byte by byte: each byte does not win it time.
    const slow = await dial(bob);
    const session = StreamSession.client(insider(), bob.hostId, false);
    slow.write(session.hello);
    const [hello] = (await once(slow, 'data')) as [Buffer];
    session.receive(
      hello,
      () => {},
      () => null,
    );
    slow.write(Buffer.concat(session.seal(encodeMessage(insider().hostId, ping(1)))));
    const frame = Buffer.concat(session.seal(encodeMessage(insider().hostId, ping(2))));
    let at = 0;
    const dripping = setInterval(() => slow.write(frame.subarray(at, ++at)), 20);
    cleanups.push(() => clearInterval(dripping));
    closes.push(closed(slow));
    await Promise.all(closes);
    expect(at).toBeLessThan(frame.length);
    expect(bob.rejected('timeout')).toBe(4);
    expect(bob.arrived.map(({ message }) => message)).toEqual([ping(1)]);
  });

  it('cuts off a frame that claims more than is allowed, before it arrives', async () => {
    const bob = await node(2);
    const socket = await dial(bob);
    socket.write(StreamSession.client(insider(), bob.hostId, false).hello);
    await once(socket, 'data');
    socket.write(Buffer.from([0, 1, 0, 0]));
    await closed(socket);
    expect(bob.rejected('tooLarge')).toBe(1);
  });

  it('takes a bounded number of streams from others', async () => {
    const bob = await node(2, { limits: { maxInboundStreams: 2 } });
    const [first] = [await dial(bob), await dial(bob)];
    const third = await dial(bob);
    await closed(third);
    expect(bob.rejected('tooMany')).toBe(1);
    first!.destroy();
    await until(() => bob.transport.counters.streamsAccepted === 2);
  });

  it('uses one stream for all that goes to one node, closes it when idle, and opens another', async () => {
    const [alice, bob] = [await node(1, { limits: { idleTimeoutMs: 150 } }), await node(2)];
    for (let probe = 0; probe < 10; probe++) alice.transport.send(bob.destination, 'stream', ping(probe));
    await until(() => bob.arrived.length === 10);
    expect(bob.transport.counters.streamsAccepted).toBe(1);
    // Shadow frames have a stream of their own.
    alice.transport.send({ hostId: null, address: bob.address }, 'stream', shadowSyn());
    await until(() => bob.arrived.length === 11);
    expect(bob.transport.counters.streamsAccepted).toBe(2);
    await until(() => bob.transport.counters.streamsClosed === 2);
    bob.transport.send({ hostId: alice.hostId, address: bob.arrived[0]!.from.replyTo }, 'stream', ping(0));
    await until(() => bob.failed.length === 1);
    alice.transport.send(bob.destination, 'stream', ping(11));
    await until(() => bob.transport.counters.streamsAccepted === 3);
    expect(alice.failed).toEqual([]);
  });

  /** Whoever takes a stream, says hello, and does nothing more: neither reads on nor closes its end. */
  const idler = async () => {
    const sockets: Socket[] = [];
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      sockets.push(socket);
      const session = StreamSession.server(insider());
      socket.on('error', () => {});
      socket.once('data', (chunk) => {
        session.receive(
          chunk,
          (hello) => socket.write(hello),
          () => null,
        );
        socket.pause();
      });
      socket.resume();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    cleanups.push(() => sockets.forEach((socket) => void socket.destroy()));
    const { port } = server.address() as { port: number };
    return { sockets, destination: { hostId: insider().hostId, address: `127.0.0.1:${port}` } };
  };

  it('opens another stream for what is sent while the idle one is being closed', async () => {
    const alice = await node(1, { limits: { idleTimeoutMs: 500, closeGraceMs: 5_000 } });
    const { sockets, destination } = await idler();
    alice.transport.send(destination, 'stream', ping(1));
    await until(() => sockets.length === 1);
    const ended = once(sockets[0]!, 'end');
    sockets[0]!.resume();
    await ended;
    alice.transport.send(destination, 'stream', ping(2));
    await until(() => sockets.length === 2 || alice.failed.length > 0);
    expect(alice.failed).toEqual([]);
    for (const socket of sockets) socket.destroy();
  });

  it('opens another stream to a peer that has said nothing since it was written to, and keeps one that it answers on', async () => {
    const alice = await node(1, { limits: { silenceTimeoutMs: 0 } });
    const [bob, carol] = [await node(2), await node(3)];
    carol.onMessage = ({ from }) =>
      carol.transport.send({ hostId: from.hostId, address: from.replyTo }, 'stream', { kind: 'pong', probe: 0 });
    for (let sent = 1; sent <= 3; sent++) {
      alice.transport.send(bob.destination, 'stream', ping(sent));
      alice.transport.send(carol.destination, 'stream', ping(sent));
      await until(() => bob.arrived.length === sent && alice.arrived.length === sent);
    }
    expect(bob.transport.counters.streamsAccepted).toBe(3);
    expect(carol.transport.counters.streamsAccepted).toBe(1);
    expect(alice.failed).toEqual([]);
  });

  it('tells of what a peer that does not read never took, when it gives the stream up', async () => {
    const alice = await node(1, { limits: { idleTimeoutMs: 200, closeGraceMs: 50 } });
    const { destination } = await idler();
    const definitions = Array.from({ length: 3 }, (_, at) => ({
      type: 'document' as const,
      name: `d${at}`,
      stamp: { timeMs: 1, hostId: alice.hostId },
      replication: null,
      document: 'x'.repeat(1_000_000),
    }));
    const page = { kind: 'schemaPush' as const, format: 1, version: clusterId, definitions };
    for (let time = 0; time < 2; time++) alice.transport.send(destination, 'stream', page);
    await until(() => alice.transport.counters.streamsClosed === 1);
    await until(() => alice.failed.length > 0);
    expect(alice.failed).toEqual([destination]);
  });

  it('tells when a stream breaks, and when a listener never says hello', async () => {
    const alice = await node(1, { limits: { connectTimeoutMs: 300 } });
    const bob = await node(2);
    alice.transport.send(bob.destination, 'stream', ping(1));
    await until(() => bob.arrived.length === 1);
    await bob.transport.close();
    await until(() => alice.failed.length === 1);
    const mute = createServer().listen(0, '127.0.0.1');
    cleanups.push(() => mute.close());
    await once(mute, 'listening');
    const { port } = mute.address() as { port: number };
    alice.transport.send({ hostId: bob.hostId, address: `127.0.0.1:${port}` }, 'stream', ping(2));
    await until(() => alice.failed.length === 2);
  });

  it('refuses with sendFailed what does not fit the queue of a stream, or any stream', async () => {
    const alice = await node(1, { limits: { maxQueueBytes: 2_000 } });
    const bob = await node(2);
    const page = (bytes: number) => ({
      kind: 'schemaPush' as const,
      format: 1,
      version: clusterId,
      definitions: Array.from({ length: Math.ceil(bytes / 1_000_000) }, (_, at) => ({
        type: 'document' as const,
        name: `d${at}`,
        stamp: { timeMs: 1, hostId: alice.hostId },
        replication: null,
        document: 'x'.repeat(Math.min(bytes, 1_000_000)),
      })),
    });
    for (let time = 0; time < 3; time++) alice.transport.send(bob.destination, 'stream', page(900));
    await until(() => alice.failed.length === 1);
    alice.transport.send(bob.destination, 'stream', page(5_000_000));
    await until(() => alice.failed.length === 2);
    await until(() => bob.arrived.length === 2);
  });

  it('follows names: one that leads somewhere, one that leads nowhere, asked for once', async () => {
    let asked = 0;
    const lookUp = async (name: string): Promise<string[]> => {
      asked++;
      return name === 'bob.test' ? ['::1', '127.0.0.1'] : [];
    };
    const [alice, bob] = [await node(1, { lookUp }), await node(2)];
    const { port } = bob.transport.address;
    const named = { hostId: bob.hostId, address: `bob.test:${port}` };
    const nowhere = { hostId: bob.hostId, address: `nowhere.test:${port}` };
    for (const channel of ['datagram', 'stream'] as const) {
      alice.transport.send(named, channel, ping(1));
      alice.transport.send(nowhere, channel, ping(1));
    }
    alice.transport.send({ hostId: bob.hostId, address: 'no address' }, 'datagram', ping(1));
    await until(() => bob.arrived.length === 2 && alice.failed.length === 3);
    expect(asked).toBe(2);
    expect(alice.failed.map((to) => to.address).sort()).toEqual(['no address', nowhere.address, nowhere.address]);
  });

  it('takes a host named stream for a name like any other', async () => {
    const alice = await node(1, { lookUp: async () => ['127.0.0.1'] });
    const bob = await node(2);
    const to = { hostId: bob.hostId, address: `stream:${bob.transport.address.port}` };
    alice.transport.send(to, 'datagram', ping(1));
    alice.transport.send(to, 'stream', ping(2));
    await until(() => bob.arrived.length === 2);
    expect(alice.failed).toEqual([]);
  });

  it('works on IPv6, and for both families at once', async () => {
    const six = await node(1, { listen: { host: '::1', port: 0 } });
    const both = await node(2, { listen: { host: '::', port: 0 } });
    const four = await node(3);
    const { port } = both.transport.address;
    for (const channel of ['datagram', 'stream'] as const) {
      six.transport.send({ hostId: both.hostId, address: `[::1]:${port}` }, channel, ping(6));
      four.transport.send({ hostId: both.hostId, address: `127.0.0.1:${port}` }, channel, ping(4));
      both.transport.send(four.destination, channel, ping(2));
      both.transport.send(six.destination, channel, ping(2));
    }
    await until(() => both.arrived.length === 4 && four.arrived.length === 2 && six.arrived.length === 2);
    const replyTo = both.arrived.filter(({ channel }) => channel === 'datagram').map(({ from }) => from.replyTo);
    expect(replyTo.sort()).toEqual([four.address, six.address].sort());
  });

  it('listens for both families however the address of all is spelled', async () => {
    const [both, four] = [await node(1, { listen: { host: '::0', port: 0 } }), await node(2)];
    both.transport.send(four.destination, 'datagram', ping(1));
    await until(() => four.arrived.length + both.failed.length > 0);
    expect(both.failed).toEqual([]);
  });

  it('reads the address of a peer on any interface', () => {
    for (const zone of ['eth0', 'br-12ab', 'eth0.100', '3']) {
      expect(parseAddress(`[fe80::1%${zone}]:7600`)).toEqual({ host: `fe80::1%${zone}`, port: 7600 });
    }
    for (const wrong of ['[fe80::1%]:7600', '[fe80::1%a b]:7600', '[1.2.3.4]:7600', '[[::1]]:7600', '[::1]']) {
      expect(parseAddress(wrong)).toBeNull();
    }
  });

  it('refuses to listen on an address that is not this machine', async () => {
    await expect(node(1, { listen: { host: '192.0.2.1', port: 0 } })).rejects.toMatchObject({
      code: 'INVALID_ADDRESS',
    });
    const lookUp = async (): Promise<string[]> => [];
    await expect(node(1, { listen: { host: 'nowhere.test', port: 0 }, lookUp })).rejects.toMatchObject({
      code: 'INVALID_ADDRESS',
    });
  });

  it('finds a port that is free for UDP and TCP, and names the port that UDP alone has taken', async () => {
    const taken = udp().bind(0, '127.0.0.1');
    await once(taken, 'listening');
    const listen = { host: '127.0.0.1', port: taken.address().port };
    await expect(node(1, { listen })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringContaining(`127.0.0.1:${listen.port}`),
    });
    // The TCP half was given back.
    const server = createServer().listen(listen.port, listen.host);
    cleanups.push(() => server.close());
    await once(server, 'listening');
  });
});
