import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../src/base/error.ts';
import { sealGcm } from '../../src/wire/gcm.ts';
import type { Rejection } from '../../src/wire/rejection.ts';
import {
  maxStreamFrameBytes,
  maxStreamMessageBytes,
  StreamOpener,
  streamBytes,
} from '../../src/wire/stream-framing.ts';
import { helloBytes, StreamSession } from '../../src/wire/stream-session.ts';
import { alice, aliceStream, bob, bobStream, keysOf, ping, shakeHands } from './frame-fixture.ts';

/** Gives bytes to a session: what it answered, which messages were complete, and whether it refused. */
function give(session: StreamSession, bytes: Uint8Array) {
  const replies: Uint8Array[] = [];
  const messages: Buffer[] = [];
  const refused: Rejection | null = session.receive(
    bytes,
    (reply) => replies.push(reply),
    (payload) => {
      messages.push(Buffer.from(payload));
      return null;
    },
  );
  return { replies, messages, reason: refused?.reason ?? null };
}

function pair(receiver: string | null = bob.hostId, shadow = false): [StreamSession, StreamSession] {
  const [client, server] = [aliceStream(receiver, shadow), bobStream()];
  shakeHands(client, server);
  return [client, server];
}

describe('a stream session', () => {
  it('gives messages of any size, in order, however the bytes are cut', () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 65_514, 65_515, 65_516, 200_000), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 70_000 }), (lengths, step) => {
        const [client, server] = pair();
        const sent = lengths.map((length, at) => Buffer.alloc(length, at + 1));
        const bytes = Buffer.concat(sent.flatMap((message) => client.seal(message)));
        expect(bytes.length).toBe(sent.reduce((sum, message) => sum + streamBytes(message.length), 0));
        const arrived: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += step)
          arrived.push(...give(server, bytes.subarray(at, at + step)).messages);
        expect(arrived.map((each) => each.length)).toEqual(lengths);
        expect(Buffer.concat(arrived).equals(Buffer.concat(sent))).toBe(true);
        expect(server.midFrame).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('answers a hello with one as long, and nothing else before the client is authentic', () => {
    const client = aliceStream(bob.hostId, false);
    const server = bobStream();
    expect(give(server, client.hello).replies.map((reply) => reply.length)).toEqual([helloBytes]);
    expect(server.framesOpened).toBe(0);
    expect(() => server.seal(ping)).toThrow(InvariantViolation);
  });

  it('refuses a client of another cluster, secret, receiver or version, each with its reason and without a hello', () => {
    const meets = (hello: Uint8Array) => give(bobStream(), hello);
    const foreign = (changed: Parameters<typeof keysOf>[0]) => aliceStream(bob.hostId, false, keysOf(changed)).hello;
    expect(meets(foreign({ clusterName: 'other' }))).toMatchObject({ reason: 'otherCluster', replies: [] });
    expect(meets(Buffer.concat([Buffer.of(2), foreign({}).subarray(1)]))).toMatchObject({
      reason: 'otherVersion',
      replies: [],
    });
    expect(give(bobStream(keysOf({ clusterId: null })), foreign({}))).toMatchObject({
      reason: 'noClusterYet',
      replies: [],
    });

    const wrongSecret = aliceStream(bob.hostId, false, keysOf({ secret: Buffer.from('wrong') }));
    const server = bobStream();
    shakeHands(wrongSecret, server);
    expect(give(server, Buffer.concat(wrongSecret.seal(ping)))).toMatchObject({ reason: 'notAuthentic', messages: [] });
    const [toCarol, alsoBob] = pair('c3c3c3c3-0000-4000-8000-000000000003');
    expect(give(alsoBob, Buffer.concat(toCarol.seal(ping))).reason).toBe('notAuthentic');
  });

  it('opens frames strictly in order: none missing, repeated, or of another connection or direction', () => {
    const [client, server] = pair();
    const [first, second] = [Buffer.concat(client.seal(ping)), Buffer.concat(client.seal(ping))];
    expect(give(server, second).reason).toBe('notAuthentic');
    expect(give(pair()[1], Buffer.concat([first, first]))).toMatchObject({
      reason: 'notAuthentic',
      messages: [Buffer.from(ping)],
    });
    expect(give(client, first).reason).toBe('notAuthentic');
    const other = StreamSession.server({ keys: keysOf(), ...bob, random: Buffer.alloc(16, 0xcc) });
    shakeHands(aliceStream(bob.hostId, false), other);
    expect(give(other, first).reason).toBe('notAuthentic');
  });

  it('answers on the same stream once it knows the client, who opens it by its own host id alone', () => {
    const [client, server] = pair();
    give(server, Buffer.concat(client.seal(ping)));
    server.bindReceiver(alice.hostId);
    expect(give(client, Buffer.concat(server.seal(ping))).messages).toEqual([Buffer.from(ping)]);
    const [again, forger] = pair();
    forger.bindReceiver(bob.hostId);
    expect(give(again, Buffer.concat(forger.seal(ping))).reason).toBe('notAuthentic');
  });

  it('knows a shadow stream by its hello, and needs neither cluster nor receiver for it', () => {
    const keys = keysOf({ clusterId: null });
    const [client, server] = [aliceStream(null, true, keys), bobStream()];
    shakeHands(client, server);
    expect(server.shadow).toBe(true);
    expect(give(server, Buffer.concat(client.seal(ping))).messages).toHaveLength(1);
    expect(give(client, Buffer.concat(server.seal(ping))).messages).toHaveLength(1);
    expect(() => aliceStream(null, false)).toThrow(InvariantViolation);
  });

  it('refuses a frame that claims to be longer than allowed before any of it arrives', () => {
    const claim = (length: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(length);
      return bytes;
    };
    expect(give(pair()[1], claim(maxStreamFrameBytes - 4)).reason).toBeNull();
    expect(give(pair()[1], claim(maxStreamFrameBytes - 3)).reason).toBe('tooLarge');
    expect(give(pair()[1], claim(0xffffffff)).reason).toBe('tooLarge');
    expect(give(pair()[1], claim(16)).reason).toBe('notAFrame');
  });

  it('refuses a message that grows beyond the limit, frame by frame', () => {
    const [client, server] = pair();
    expect(give(server, Buffer.concat(client.seal(Buffer.alloc(maxStreamMessageBytes)))).messages).toHaveLength(1);
    expect(give(server, Buffer.concat(client.seal(Buffer.alloc(maxStreamMessageBytes + 1))))).toMatchObject({
      reason: 'tooLarge',
      messages: [],
    });
  });

  it.each([0, 1, 65_514])(
    'refuses a part of %i bytes that is said not to be the last: such parts never end',
    (bytes) => {
      const keys = keysOf();
      const key = Buffer.alloc(32, 1);
      const opener = new StreamOpener({ keys, key, shadow: false }, bob.hostId);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(1 + bytes + 16);
      const sealed = sealGcm(key, 1, keys.associatedData(false, length, bob.hostId), Buffer.alloc(1 + bytes, 1));
      expect(opener.receive(Buffer.concat([length, sealed]), () => null)?.reason).toBe('malformed');
    },
  );

  it('drops garbage at its first byte, and never throws', () => {
    expect(give(bobStream(), Buffer.from('G')).reason).toBe('notAFrame');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 120 }), fc.boolean(), (bytes, afterHandshake) => {
        const server = afterHandshake ? pair()[1] : bobStream();
        expect(give(server, bytes).messages).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
