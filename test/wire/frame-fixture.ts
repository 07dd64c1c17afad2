import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterKeys } from '../../src/wire/cluster-keys.ts';
import { Envelope } from '../../src/wire/envelope.ts';
import { encodeMessage } from '../../src/wire/message-codec.ts';
import { StreamSession } from '../../src/wire/stream-session.ts';

/** The fixed cluster, hosts and nonces under which the fixtures were recorded. */
export const alice = { hostId: '0b8a1cc4-5f5e-4d6c-9c3b-2f1d0e9a8b7c', bootNonce: 'a11ce00000000001' };
export const bob = { hostId: '7d0c2a51-90ab-4c1e-8f23-64b0d9e1f2a3', bootNonce: 'b0b0000000000002' };
export const carol = { hostId: 'c3c3c3c3-0000-4000-8000-000000000003', bootNonce: 'ca401000000000ff' };
export const clusterId = '51c7e5a0-1b2c-4d3e-8f40-5a6b7c8d9e0f';
export const secret = Buffer.from('a secret of at least thirty-two bytes, for tests');

export const keysOf = (changed: Partial<ConstructorParameters<typeof ClusterKeys>[0]> = {}): ClusterKeys =>
  new ClusterKeys({ clusterName: 'fixture', clusterId, secret, ...changed });

export const envelopeOf = (who: typeof alice, keys = keysOf(), maxSenders?: number): Envelope =>
  new Envelope({ keys, ...who, ...(maxSenders === undefined ? {} : { maxSenders }) });

export const ping = encodeMessage(alice.hostId, { kind: 'ping', probe: 0xc0ffee });
export const pong = encodeMessage(bob.hostId, { kind: 'pong', probe: 0xc0ffee });
export const shadowSyn = encodeMessage(alice.hostId, {
  kind: 'shadowSyn',
  brief: false,
  round: '0123456789abcdef',
  address: '127.0.0.1:7600',
  foundingSet: [alice.hostId],
  clusterId: null,
});

export const aliceStream = (receiver: string | null, shadow: boolean, keys = keysOf()): StreamSession =>
  StreamSession.client({ keys, ...alice, random: Buffer.alloc(16, 0xaa) }, receiver, shadow);

export const bobStream = (keys = keysOf()): StreamSession =>
  StreamSession.server({ keys, ...bob, random: Buffer.alloc(16, 0xbb) });

/** Lets both ends say hello. Gives what the server answered. */
export function shakeHands(client: StreamSession, server: StreamSession): Buffer {
  const answers: Uint8Array[] = [];
  const nothing = (): never => {
    throw new Error('no message is expected in a handshake');
  };
  server.receive(client.hello, (bytes) => answers.push(bytes), nothing);
  const hello = Buffer.concat(answers);
  client.receive(hello, nothing, nothing);
  return hello;
}

/** The kinds of frames, each as one message or hello sealed today under the fixed keys. */
export function sealedFrames(): Record<string, Uint8Array> {
  const [client, server] = [aliceStream(bob.hostId, false), bobStream()];
  const serverHello = shakeHands(client, server);
  server.bindReceiver(alice.hostId);
  const [shadowClient, shadowServer] = [aliceStream(null, true), bobStream()];
  const shadowServerHello = shakeHands(shadowClient, shadowServer);
  return {
    datagram: envelopeOf(alice).seal(bob.hostId, ping),
    'client-hello': client.hello,
    'server-hello': serverHello,
    'stream-to-server': Buffer.concat(client.seal(ping)),
    'stream-to-client': Buffer.concat(server.seal(pong)),
    'shadow-client-hello': shadowClient.hello,
    'shadow-server-hello': shadowServerHello,
    'shadow-stream-to-server': Buffer.concat(shadowClient.seal(shadowSyn)),
  };
}

/** A recorded frame. */
export function recordedFrame(name: string): Buffer {
  return Buffer.from(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.hex`), 'utf8').trim(), 'hex');
}
