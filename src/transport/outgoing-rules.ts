import { InvariantViolation } from '../base/error.ts';
import type { Destination } from '../node/core-io.ts';
import type { Message } from '../node/message.ts';
import { isShadowMessage } from '../wire/message-codec.ts';

/** Begins the address of an answer on the stream that a message came by: good for this transport alone. */
export const streamHandlePrefix = 'stream:';

/**
 * Whether a message goes in a shadow frame. Throws `InvariantViolation` for a message that may only be sent within a
 * cluster, while none is known or nobody is named as its receiver.
 */
export function mustBeShadow(to: Destination, message: Message, bound: boolean): boolean {
  if (isShadowMessage(message)) return true;
  if (to.hostId === null) throw new InvariantViolation(`${message.kind} to ${to.address} names no receiver`);
  if (!bound) throw new InvariantViolation(`${message.kind} to ${to.address} before the cluster is known`);
  return false;
}
