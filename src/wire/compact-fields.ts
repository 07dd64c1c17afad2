import { InvariantViolation } from '../base/error.ts';
import type { Token } from '../token/token.ts';

/**
 * The compact forms of what our messages repeat most, all as binaries: a UUID is 16 bytes, a hash the bytes of its hex
 * text, tokens 8 bytes each, big-endian. What does not have the form is an error of our own: `InvariantViolation`.
 */

/** 16 bytes of a canonical UUID. */
export function uuidToBytes(uuid: string): Uint8Array {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16 || uuid.length !== 36) throw new InvariantViolation(`got ${uuid}, expected a UUID to encode`);
  return bytes;
}

/** The canonical UUID of 16 bytes. */
export function uuidFromBytes(bytes: Uint8Array): string {
  const hex = hexFromBytes(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The UUIDs one after the other, 16 bytes each. */
export function uuidsToBytes(uuids: readonly string[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(uuids.length * 16);
  for (let at = 0; at < uuids.length; at++) bytes.set(uuidToBytes(uuids[at]!), at * 16);
  return bytes;
}

/** Bytes of a lower-case hex text of even length; the empty text is no bytes. */
export function hexToBytes(hex: string): Uint8Array {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length * 2 !== hex.length) throw new InvariantViolation(`got ${hex}, expected hex digits to encode`);
  return bytes;
}

/** Lower-case hex text of bytes. */
export function hexFromBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** 8 bytes a token, big-endian, in the given order. */
export function tokensToBytes(tokens: readonly Token[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(tokens.length * 8);
  for (let at = 0; at < tokens.length; at++) bytes.writeBigInt64BE(tokens[at]!, at * 8);
  return bytes;
}

/** The tokens of a binary whose length is a multiple of 8. */
export function tokensFromBytes(bytes: Uint8Array): Token[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 8 }, (_, at) => view.getBigInt64(at * 8));
}
