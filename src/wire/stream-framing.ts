import type { HostId } from '../base/id.ts';
import { ByteQueue } from './byte-queue.ts';
import type { ClusterKeys } from './cluster-keys.ts';
import { openGcm, sealGcm, tagBytes } from './gcm.ts';
import { type Rejection, rejection } from './rejection.ts';

/**
 * Frames of one direction of a stream: length 4 ‖ AES-256-GCM of (more 1 ‖ part of a message) ‖ tag 16. The length counts
 * what follows it. Counters start at 1 and are not sent: a frame that is missing, repeated or out of order does not open.
 * A message longer than one frame is cut into several, all but the last full and with `more` = 1.
 */

const lengthBytes = 4;
const moreBytes = 1;

/** One frame, its length included: as much as a stranger can make us buffer. */
export const maxStreamFrameBytes = 65_536;

/** One message on a stream: what an authenticated peer can make us buffer. */
export const maxStreamMessageBytes = 4 * 1_048_576;

const maxPartBytes = maxStreamFrameBytes - lengthBytes - moreBytes - tagBytes;

/** What both ends of one direction share. */
export interface StreamDirection {
  readonly keys: ClusterKeys;
  readonly key: Uint8Array;
  readonly shadow: boolean;
}

/** Bytes on the stream for a message of `payloadBytes`. */
export function streamBytes(payloadBytes: number): number {
  const frames = Math.max(1, Math.ceil(payloadBytes / maxPartBytes));
  return payloadBytes + frames * (lengthBytes + moreBytes + tagBytes);
}

/** Seals the messages of one direction. */
export class StreamSealer {
  readonly #direction: StreamDirection;
  #counter = 0;

  constructor(direction: StreamDirection) {
    this.#direction = direction;
  }

  /** The frames of a message of at most `maxStreamMessageBytes`, to be written in this order. */
  seal(receiver: HostId | null, payload: Uint8Array): Buffer[] {
    const { keys, key, shadow } = this.#direction;
    const frames: Buffer[] = [];
    let from = 0;
    do {
      const part = payload.subarray(from, from + maxPartBytes);
      from += part.length;
      const length = Buffer.alloc(lengthBytes);
      length.writeUInt32BE(moreBytes + part.length + tagBytes);
      const text = Buffer.concat([Buffer.of(from < payload.length ? 1 : 0), part]);
      frames.push(length, sealGcm(key, ++this.#counter, keys.associatedData(shadow, length, receiver), text));
    } while (from < payload.length);
    return frames;
  }
}

/** Opens the messages of one direction. After a rejection the stream is out of step and must be closed. */
export class StreamOpener {
  readonly #direction: StreamDirection;
  readonly #receiver: HostId;
  readonly #arrived: ByteQueue;
  #length: Buffer | null = null;
  #counter = 0;
  #parts: Buffer[] = [];
  #messageBytes = 0;

  /** `receiver` is this node; `arrived` may hold bytes that came with the handshake. */
  constructor(direction: StreamDirection, receiver: HostId, arrived: ByteQueue = new ByteQueue()) {
    this.#direction = direction;
    this.#receiver = receiver;
    this.#arrived = arrived;
  }

  /** Frames that opened. Above 0 the other end is authentic. */
  get opened(): number {
    return this.#counter;
  }

  /** True while a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#length !== null || this.#arrived.bytes > 0;
  }

  /** Takes what arrived and gives every message that is complete to `message`. */
  receive(chunk: Uint8Array, message: (payload: Uint8Array) => Rejection | null): Rejection | null {
    this.#arrived.push(chunk);
    while (true) {
      this.#length ??= this.#arrived.take(lengthBytes);
      if (this.#length === null) return null;
      const length = this.#length.readUInt32BE(0);
      if (length < moreBytes + tagBytes) return rejection('notAFrame', `a stream frame of ${length} bytes`);
      if (length > maxStreamFrameBytes - lengthBytes) return rejection('tooLarge', `a stream frame of ${length} bytes`);
      const sealed = this.#arrived.take(length);
      if (sealed === null) return null;
      const refused = this.#frame(this.#length, sealed, message);
      if (refused !== null) return refused;
      this.#length = null;
    }
  }

  #frame(header: Buffer, sealed: Buffer, message: (payload: Uint8Array) => Rejection | null): Rejection | null {
    const { keys, key, shadow } = this.#direction;
    const text = openGcm(key, this.#counter + 1, keys.associatedData(shadow, header, this.#receiver), sealed);
    if (text === null) return rejection('notAuthentic', `stream frame ${this.#counter + 1}`);
    this.#counter++;
    const part = text.subarray(moreBytes);
    this.#messageBytes += part.length;
    if (this.#messageBytes > maxStreamMessageBytes) return rejection('tooLarge', `over ${maxStreamMessageBytes} bytes`);
    this.#parts.push(part);
    // Each part costs more memory than its bytes: small ones, or empty ones without end, are no part of any message.
    if (text[0] === 1)
      return part.length === maxPartBytes ? null : rejection('malformed', 'more after a part not full');
    if (text[0] !== 0) return rejection('malformed', `more = ${text[0]}`);
    const payload = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#messageBytes = 0;
    return message(payload);
  }
}
