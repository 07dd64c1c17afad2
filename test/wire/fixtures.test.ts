import { createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/node/message.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/message-codec.ts';
import { isRejection } from '../../src/wire/rejection.ts';
import {
  alice,
  aliceStream,
  bob,
  bobStream,
  clusterId,
  envelopeOf,
  ping,
  pong,
  recordedFrame,
  sealedFrames,
  secret,
  shadowSyn,
} from './frame-fixture.ts';
import { arbitraries } from './message-arbitrary.ts';

const recorded = (
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/messages.json'), 'utf8'), (_, value) =>
    typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as { hex: string; message: Message }[]
).map(({ hex, message }) => ({ bytes: Buffer.from(hex, 'hex'), message }));

const got = (session: ReturnType<typeof bobStream>, bytes: Uint8Array): Uint8Array[] => {
  const payloads: Uint8Array[] = [];
  const refused = session.receive(
    bytes,
    () => {},
    (payload) => {
      payloads.push(payload);
      return null;
    },
  );
  expect(refused).toBeNull();
  return payloads;
};

describe('the recorded fixtures', () => {
  it('hold a message of every kind, each of which is still read as the same and written as the same bytes', () => {
    expect(recorded.map(({ message }) => message.kind).sort()).toEqual(Object.keys(arbitraries).sort());
    for (const { bytes, message } of recorded) {
      const decoded = decodeMessage(bytes);
      if (isRejection(decoded)) throw new Error(`${message.kind}: ${decoded.detail}`);
      expect(decoded).toEqual({ sender: alice.hostId, message });
      expect(Buffer.from(encodeMessage(alice.hostId, message)).equals(bytes)).toBe(true);
    }
  });

  it('hold a frame of every kind, as it would be sealed today', () => {
    for (const [name, frame] of Object.entries(sealedFrames())) {
      expect([name, Buffer.from(frame).toString('hex')]).toEqual([name, recordedFrame(name).toString('hex')]);
    }
  });

  it('open: a datagram', () => {
    expect(envelopeOf(bob).open(recordedFrame('datagram'))).toMatchObject({
      sender: alice.bootNonce,
      payload: Buffer.from(ping),
    });
  });

  it('open: a stream, in both directions', () => {
    const server = bobStream();
    expect(got(server, Buffer.concat([recordedFrame('client-hello'), recordedFrame('stream-to-server')]))).toEqual([
      Buffer.from(ping),
    ]);
    const client = aliceStream(bob.hostId, false);
    expect(got(client, Buffer.concat([recordedFrame('server-hello'), recordedFrame('stream-to-client')]))).toEqual([
      Buffer.from(pong),
    ]);
  });

  it('open: a shadow stream', () => {
    const hello = recordedFrame('shadow-client-hello');
    expect(got(bobStream(), Buffer.concat([hello, recordedFrame('shadow-stream-to-server')]))).toEqual([
      Buffer.from(shadowSyn),
    ]);
  });

  it('are what the design says, by an opener that shares no code with ours', () => {
    const frame = recordedFrame('datagram');
    const name = Buffer.from('fixture');
    const id = Buffer.from(clusterId.replaceAll('-', ''), 'hex');
    const tag = createHash('sha256').update(name).update(id).digest().subarray(0, 4);
    const sender = Buffer.from(alice.bootNonce, 'hex');
    expect(frame.subarray(0, 20)).toEqual(Buffer.concat([Buffer.of(1, 0), tag, sender, Buffer.of(0, 0, 0, 0, 0, 1)]));
    const info = Buffer.concat([name, Buffer.of(0), sender, Buffer.of(1)]);
    const key = Buffer.from(hkdfSync('sha256', secret, id, info, 32));
    const nonce = Buffer.concat([Buffer.alloc(6), frame.subarray(14, 20)]);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce);
    const receiver = Buffer.from(bob.hostId.replaceAll('-', ''), 'hex');
    decipher.setAAD(Buffer.concat([frame.subarray(0, 20), name, id, receiver]));
    decipher.setAuthTag(frame.subarray(-16));
    expect(Buffer.concat([decipher.update(frame.subarray(20, -16)), decipher.final()])).toEqual(Buffer.from(ping));
  });
});
