import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvariantViolation, RingError } from '../../src/base/error.ts';
import type { Destination, Source } from '../../src/node/core-io.ts';
import type { Channel, Message } from '../../src/node/message.ts';
import { formatAddress } from '../../src/transport/socket-address.ts';
import type { Transport, TransportIdentity } from '../../src/transport/transport.ts';
import type { RejectionReason } from '../../src/wire/rejection.ts';

export const clusterId = '51c7e5a0-1b2c-4d3e-8f40-5a6b7c8d9e0f';
export const otherClusterId = '61c7e5a0-1b2c-4d3e-8f40-5a6b7c8d9e0f';
const hostId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export type OpenTransport = (
  options: TransportIdentity & { listen: { host: string; port: number } },
) => Promise<Transport>;

export interface Arrival {
  readonly from: Source;
  readonly channel: Channel;
  readonly message: Message;
}

/** A transport with a handler that keeps what it is told. */
export class TestNode {
  readonly hostId: string;
  readonly arrived: Arrival[] = [];
  readonly failed: Destination[] = [];
  readonly bootNonce: string;
  /** What a node does with a message, besides keeping it. */
  onMessage: (arrival: Arrival) => void = () => {};
  transport!: Transport;

  constructor(number: number) {
    this.hostId = hostId(number);
    this.bootNonce = String(number).padStart(16, '0');
  }

  async open(open: OpenTransport, changed: Partial<TransportIdentity> = {}, port = 0): Promise<this> {
    this.transport = await open({
      listen: { host: '127.0.0.1', port },
      clusterName: 'suite',
      clusterId,
      secret: Buffer.from('the secret of the suite'),
      hostId: this.hostId,
      bootNonce: this.bootNonce,
      handler: {
        message: (from, channel, message) => {
          this.arrived.push({ from, channel, message });
          this.onMessage({ from, channel, message });
        },
        sendFailed: (to) => void this.failed.push(to),
      },
      ...changed,
    });
    return this;
  }

  get address(): string {
    return formatAddress(this.transport.address.host, this.transport.address.port);
  }

  get destination(): Destination {
    return { hostId: this.hostId, address: this.address };
  }

  rejected(reason: RejectionReason): number {
    return this.transport.counters.rejected[reason];
  }
}

/** Waits until something holds; the runner's own deadline ends it. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`still not so after 10 s: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export const ping = (probe: number): Message => ({ kind: 'ping', probe });
export const shadowSyn = (foundingSet: string[] = []): Message => ({
  kind: 'shadowSyn',
  brief: false,
  round: '0123456789abcdef',
  address: '127.0.0.1:7600',
  foundingSet,
  clusterId: null,
});
const shadowWaiting: Message = { kind: 'shadowWaiting', round: '0123456789abcdef', foundingSet: [] };
/** Too long for a datagram. */
const long = (kilobytes: number): Message => ({
  kind: 'schemaPush',
  format: 1,
  version: clusterId,
  definitions: Array.from({ length: kilobytes }, (_, at) => ({
    type: 'document' as const,
    name: `d${at}`,
    stamp: { timeMs: at, hostId: hostId(1) },
    replication: null,
    document: 'x'.repeat(1_000),
  })),
});

/** What every transport keeps to. */
export function describeTransport(name: string, open: () => OpenTransport): void {
  describe(`the ${name} transport`, () => {
    const nodes: TestNode[] = [];
    const node = async (number: number, changed: Partial<TransportIdentity> = {}, port = 0): Promise<TestNode> => {
      const made = await new TestNode(number).open(open(), changed, port);
      nodes.push(made);
      return made;
    };
    let alice: TestNode;
    let bob: TestNode;
    beforeEach(async () => {
      [alice, bob] = await Promise.all([node(1), node(2)]);
    });
    afterEach(async () => {
      await Promise.all(nodes.splice(0).map((each) => each.transport.close()));
    });

    it.each(['datagram', 'stream'] as const)(
      'brings a message by %s, with its authentic source, and an answer back',
      async (channel) => {
        bob.onMessage = ({ from, message }) => {
          if (message.kind === 'ping') {
            bob.transport.send({ hostId: from.hostId, address: from.replyTo }, channel, { kind: 'pong', probe: 7 });
          }
        };
        alice.transport.send(bob.destination, channel, ping(7));
        await until(() => alice.arrived.length > 0);
        expect(bob.arrived).toEqual([
          {
            from: { hostId: alice.hostId, bootNonce: alice.bootNonce, replyTo: expect.any(String) },
            channel,
            message: ping(7),
          },
        ]);
        expect(alice.arrived[0]).toMatchObject({
          from: { hostId: bob.hostId, bootNonce: bob.bootNonce },
          channel,
          message: { kind: 'pong', probe: 7 },
        });
        expect(alice.failed).toEqual([]);
      },
    );

    it('sends what does not fit a datagram by stream', async () => {
      alice.transport.send(bob.destination, 'datagram', long(2));
      await until(() => bob.arrived.length > 0);
      expect(bob.arrived[0]).toMatchObject({ channel: 'stream', message: long(2) });
      expect(alice.transport.counters.datagramsOut).toBe(0);
    });

    it('keeps the order of a stream, long messages among short ones', async () => {
      for (let probe = 0; probe < 20; probe++) {
        alice.transport.send(bob.destination, 'stream', probe % 5 === 0 ? long(200) : ping(probe));
      }
      await until(() => bob.arrived.length === 20);
      expect(bob.arrived.map(({ message }) => (message.kind === 'ping' ? message.probe : 'long'))).toEqual(
        Array.from({ length: 20 }, (_, probe) => (probe % 5 === 0 ? 'long' : probe)),
      );
    });

    it('reaches the node itself, by its own address', async () => {
      alice.transport.send(alice.destination, 'datagram', ping(1));
      alice.transport.send({ hostId: null, address: alice.address }, 'stream', shadowSyn());
      await until(() => alice.arrived.length === 2);
      expect(alice.arrived.map(({ from }) => from.bootNonce)).toEqual([alice.bootNonce, alice.bootNonce]);
    });

    it('carries the shadow round before a cluster is known, by stream whatever is asked for, and back', async () => {
      const joiner = await node(3, { clusterId: null });
      bob.onMessage = ({ from }) =>
        bob.transport.send({ hostId: null, address: from.replyTo }, 'stream', shadowWaiting);
      joiner.transport.send({ hostId: null, address: bob.address }, 'datagram', shadowSyn([joiner.hostId]));
      await until(() => joiner.arrived.length > 0);
      expect(bob.arrived[0]).toMatchObject({ channel: 'stream', from: { hostId: joiner.hostId } });
      expect(joiner.arrived[0]).toMatchObject({ from: { hostId: bob.hostId }, message: shadowWaiting });
    });

    it('opens nothing of the cluster before it is bound to it, and everything after', async () => {
      const joiner = await node(3, { clusterId: null });
      expect(() => joiner.transport.send(bob.destination, 'datagram', ping(1))).toThrow(InvariantViolation);
      bob.transport.send(joiner.destination, 'datagram', ping(1));
      await until(() => joiner.rejected('noClusterYet') === 1);
      joiner.transport.bindCluster(clusterId);
      bob.transport.send(joiner.destination, 'datagram', ping(2));
      joiner.transport.send(bob.destination, 'datagram', ping(3));
      await until(() => joiner.arrived.length === 1 && bob.arrived.length === 1);
      expect(joiner.arrived[0]!.message).toEqual(ping(2));
      expect(() => joiner.transport.bindCluster(otherClusterId)).toThrow(InvariantViolation);
    });

    it('refuses to send an ordinary message that names no receiver', () => {
      const nobody = { hostId: null, address: bob.address };
      expect(() => alice.transport.send(nobody, 'stream', ping(1))).toThrow(InvariantViolation);
    });

    it.each(['datagram', 'stream'] as const)(
      'G07: drops and counts a SYN of another cluster by %s; nothing is mixed',
      async (channel) => {
        const strangers = [
          { stranger: await node(3, { clusterName: 'other' }), reason: 'otherCluster' as const },
          { stranger: await node(4, { clusterId: otherClusterId }), reason: 'otherCluster' as const },
          { stranger: await node(5, { secret: Buffer.from('another secret') }), reason: 'notAuthentic' as const },
        ];
        for (const { stranger, reason } of strangers) {
          const before = bob.rejected(reason);
          stranger.transport.send(bob.destination, channel, {
            kind: 'syn',
            style: 'pushPull',
            scope: null,
            digests: [],
          });
          await until(() => bob.rejected(reason) === before + 1);
          if (channel === 'stream') await until(() => stranger.failed.length === 1);
          expect(stranger.arrived).toEqual([]);
        }
        expect(bob.arrived).toEqual([]);
      },
    );

    it.each(['datagram', 'stream'] as const)(
      'brings nothing by %s to a node that took over the address of another',
      async (channel) => {
        alice.transport.send({ hostId: hostId(99), address: bob.address }, channel, ping(1));
        await until(() => bob.rejected('notAuthentic') === 1);
        if (channel === 'stream') await until(() => alice.failed.length === 1);
        expect(bob.arrived).toEqual([]);
      },
    );

    it('tells of streams that reach nobody, later and once, and still works', async () => {
      const gone = await node(3);
      const to = gone.destination;
      await gone.transport.close();
      alice.transport.send(to, 'stream', ping(1));
      expect(alice.failed).toEqual([]);
      await until(() => alice.failed.length > 0);
      alice.transport.send({ hostId: bob.hostId, address: 'stream#4711' }, 'stream', ping(1));
      await until(() => alice.failed.length > 1);
      expect(alice.failed).toEqual([to, { hostId: bob.hostId, address: 'stream#4711' }]);
      alice.transport.send(bob.destination, 'stream', ping(2));
      await until(() => bob.arrived.length === 1);
      expect(alice.transport.counters.sendsFailed).toBe(2);
    });

    it('refuses an address in use, names it, and says what to do', async () => {
      const error = await new TestNode(3).open(open(), {}, bob.transport.address.port).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(RingError);
      expect(error).toMatchObject({ code: 'ADDRESS_IN_USE', hint: expect.stringContaining('another port') });
      expect(error.message).toContain(bob.address);
    });

    it('delivers what was sent before it was closed, nothing after, and closes twice', async () => {
      alice.transport.send(bob.destination, 'datagram', ping(1));
      const closed = alice.transport.close();
      alice.transport.send(bob.destination, 'datagram', ping(2));
      await Promise.all([closed, alice.transport.close()]);
      await until(() => bob.arrived.length === 1);
      bob.transport.send(alice.destination, 'datagram', ping(3));
      expect(alice.arrived).toEqual([]);
    });
  });
}
