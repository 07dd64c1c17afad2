import { createCipheriv, createDecipheriv } from 'node:crypto';
import { InvariantViolation } from '../base/error.ts';

export const tagBytes = 16;
export const counterBytes = 6;

/** Counters are 48 bits and never wrap: a key's life ends before. */
export const maxCounter = 2 ** 48 - 1;

/** AES-256-GCM nonce: 6 zero bytes ‖ counter. Throws `InvariantViolation` for a counter outside 1 to 2^48 − 1. */
function nonceOf(counter: number): Buffer {
  if (!(counter >= 1 && counter <= maxCounter)) throw new InvariantViolation(`got counter ${counter} of a frame`);
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(counter, 6, counterBytes);
  return nonce;
}

/** Ciphertext ‖ tag. No (key, counter) may be used twice. */
export function sealGcm(key: Uint8Array, counter: number, associated: Uint8Array, text: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(counter), { authTagLength: tagBytes });
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

/** The text again, or null if anything differs from what was sealed. `sealed` has 16 bytes at least. */
export function openGcm(key: Uint8Array, counter: number, associated: Uint8Array, sealed: Uint8Array): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(counter), { authTagLength: tagBytes });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const text = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
    return text;
  } catch {
    return null;
  }
}
