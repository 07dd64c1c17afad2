import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../src/base/error.ts';
import type { Message } from '../../src/node/message.ts';
import { Traffic } from '../../src/sim/traffic.ts';
import { ClusterKeys } from '../../src/wire/cluster-keys.ts';
import { Envelope } from '../../src/wire/envelope.ts';
import { encodeMessage } from '../../src/wire/message-codec.ts';
import { helloBytes } from '../../src/wire/stream-session.ts';

const sender = 'aaaaaaaa-0000-4000-8000-000000000001';
const receiver = 'aaaaaaaa-0000-4000-8000-000000000002';
const ping: Message = { kind: 'recordsRequest', at: { epoch: 7, chainHash: 'a'.repeat(32), lineage: sender } };

/** Bare heartbeats of so many members. */
const beatsOf = (members: number): Message => ({
  kind: 'ack2',
  deltas: Array.from({ length: members }, () => ({
    hostId: sender,
    generation: 1_700_000_000,
    counter: 'state' as const,
    from: 1,
    to: 2,
    entries: [],
  })),
});

describe('the bytes that a simulated world counts', () => {
  it('are those of the sealed frame, and 28 for the IP and UDP headers', () => {
    const clusterId = 'aaaaaaaa-0000-4000-8000-00000000000c';
    const keys = new ClusterKeys({ clusterName: 'sim', clusterId, secret: randomBytes(32) });
    const envelope = new Envelope({ keys, hostId: sender, bootNonce: '0123456789abcdef' });
    const frame = envelope.seal(receiver, encodeMessage(sender, ping));
    expect(new Traffic().sent(0, 0, 'datagram', ping, false)).toBe(frame.length + 28);
  });

  it('of a stream hold TCP headers for each segment, and, for both ends, how it is opened and ended', () => {
    const traffic = new Traffic();
    const small = traffic.sent(0, 0, 'stream', ping, false);
    const [syns, ack, hellos, ends] = [2 * 60, 52, 2 * (52 + helloBytes), 4 * 52] as const;
    expect(traffic.sent(0, 0, 'stream', ping, true) - small).toBe(syns + ack + hellos + ends);
    const large = beatsOf(1_000);
    const overhead = traffic.sent(0, 0, 'stream', large, false) - encodeMessage(sender, large).length;
    const segments = Math.ceil(encodeMessage(sender, large).length / 1_448);
    expect(overhead).toBeGreaterThan(52 * 1.5 * (segments - 1));
    expect(overhead).toBeLessThan(52 * 2 * (segments + 2));
  });

  it('are added up by node, family and second', () => {
    const traffic = new Traffic();
    const one = traffic.sent(0, 100, 'datagram', ping, false);
    const two = traffic.sent(1, 2_500, 'datagram', beatsOf(3), false);
    expect(traffic.nodeBytes(0)).toBe(one);
    expect(traffic.totalBytes('gossip')).toBe(two);
    expect(traffic.totalBytes()).toBe(one + two);
    expect(traffic.bytesPerSecond).toEqual([one, 0, two]);
  });

  it('of a datagram that fits no frame stop the simulation: the core must have chosen a stream', () => {
    expect(() => new Traffic().sent(0, 0, 'datagram', beatsOf(100), false)).toThrow(InvariantViolation);
  });
});
