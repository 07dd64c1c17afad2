import { InvariantViolation } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { Destination } from '../node/core-io.ts';
import type { Message } from '../node/message.ts';
import { isShadowMessage } from '../wire/message-codec.ts';

/**
 * Begins the address of an answer on the stream that a message came by: good for this transport alone. No name of a host
 * and no address holds a `#`.
 */
export const streamHandlePrefix = 'stream#';

/**
 * Whom a message that is no shadow frame is sealed for; null: it goes in a shadow frame. Throws `InvariantViolation` for
 * a message that may only be sent within a cluster, while none is known or nobody is named as its receiver.
 */
export function receiverOf(to: Destination, message: Message, bound: boolean): HostId | null {
  if (isShadowMessage(message)) return null;
  if (to.hostId === null) throw new InvariantViolation(`${message.kind} to ${to.address} names no receiver`);
  if (!bound) throw new InvariantViolation(`${message.kind} to ${to.address} before the cluster is known`);
  return to.hostId;
}
