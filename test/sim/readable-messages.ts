import { InvariantViolation } from '../../src/base/error.ts';
import type { Message } from '../../src/node/message.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';
import { envelopeBytes, maxDatagramFrameBytes } from '../../src/wire/envelope.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/message-codec.ts';
import { isRejection } from '../../src/wire/rejection.ts';
import { maxStreamMessageBytes } from '../../src/wire/stream-framing.ts';

const mostBytes = { datagram: maxDatagramFrameBytes - envelopeBytes, stream: maxStreamMessageBytes };

/**
 * A world hands messages over as they are, where a network has bytes. From now on one that no receiver could read, or that
 * is too long for its channel, throws with the seed: nothing that comes of it could happen to a real cluster.
 */
export function demandReadableMessages(world: World): void {
  const bytesOf = new WeakMap<Message, number>();
  world.tap((from, _to, channel, message) => {
    const bytes = bytesOf.get(message) ?? readableBytes(world, from, message);
    bytesOf.set(message, bytes);
    if (bytes <= mostBytes[channel]) return true;
    throw new InvariantViolation(
      `seed ${world.seed}: ${message.kind} of ${from.address} has ${bytes} bytes, too many for a ${channel}`,
    );
  });
}

function readableBytes(world: World, from: SimulatedNode, message: Message): number {
  const bytes = encodeMessage(from.hostId, message);
  const decoded = decodeMessage(bytes);
  if (!isRejection(decoded)) return bytes.length;
  throw new InvariantViolation(
    `seed ${world.seed}: ${message.kind} of ${from.address} is ${decoded.reason}: ${decoded.detail}`,
  );
}
