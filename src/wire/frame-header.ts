import { type Rejection, rejection } from './rejection.ts';

/** Of the envelope and of the stream handshake: the low four bits of a frame's first byte. */
export const frameVersion = 1;

/** Set in the first byte of shadow frames: bound to neither cluster id nor receiver. */
const shadowFlag = 0x80;

/** version and flags 1 · key id 1 · cluster tag 4 · sender 8 */
export const originBytes = 14;

/** What datagrams and stream hellos begin with: who speaks, under which key, in which cluster. */
export interface FrameOrigin {
  readonly shadow: boolean;
  readonly keyId: number;
  /** First 4 bytes of SHA-256(name ‖ id), as a number. */
  readonly clusterTag: number;
  /** The sender's boot nonce: 16 hex characters. */
  readonly sender: string;
}

/** Writes the first 14 bytes of a frame. */
export function writeOrigin(frame: Buffer, { shadow, keyId, clusterTag, sender }: FrameOrigin): void {
  frame[0] = frameVersion | (shadow ? shadowFlag : 0);
  frame[1] = keyId;
  frame.writeUInt32BE(clusterTag, 2);
  frame.write(sender, 6, 8, 'hex');
}

/** Reads the first 14 bytes of a frame that is long enough; flags and versions of other releases are refused. */
export function readOrigin(frame: Buffer): FrameOrigin | Rejection {
  const first = frame[0]!;
  const version = first & 0x0f;
  if ((first & 0x70) !== 0 || version === 0) return rejection('notAFrame', `first byte 0x${first.toString(16)}`);
  if (version !== frameVersion) return rejection('otherVersion', `frame version ${version}`);
  return {
    shadow: (first & shadowFlag) !== 0,
    keyId: frame[1]!,
    clusterTag: frame.readUInt32BE(2),
    sender: frame.toString('hex', 6, originBytes),
  };
}
