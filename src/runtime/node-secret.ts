import { readFileSync } from 'node:fs';
import { RingError } from '../base/error.ts';
import type { OptionReader } from './option-reader.ts';

const maxSecretBytes = 4_096;

/** Below this a secret can be guessed from one recorded frame. */
const strongSecretBytes = 16;

/** The cluster's secret as bytes, from `secret` or the file `secretFile`, or null if neither is given. */
export function readSecret(reader: OptionReader, warn: (text: string) => void): Uint8Array | null {
  const secret = readEither(reader, 'secret', 'secretFile');
  if (secret !== null && secret.length < strongSecretBytes) {
    warn(`the cluster secret has only ${secret.length} bytes and can be guessed: use ${strongSecretBytes} or more`);
  }
  return secret;
}

/** The bearer token of the HTTP API, from `httpToken` or the file `httpTokenFile`, or null if neither is given. */
export function readHttpToken(reader: OptionReader): string | null {
  const bytes = readEither(reader, 'httpToken', 'httpTokenFile');
  if (bytes === null) return null;
  const token = Buffer.from(bytes).toString('latin1');
  // What may stand behind "Authorization: Bearer" (RFC 6750, b64token) and what curl users add; no spaces.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  return reader.refuse(
    reader.has('httpToken') ? 'httpToken' : 'httpTokenFile',
    'visible ASCII characters without spaces',
  );
}

function readEither(reader: OptionReader, key: string, fileKey: string): Uint8Array | null {
  if (reader.has(key) && reader.has(fileKey)) reader.refuse(fileKey, `no ${fileKey} beside ${key}: one of the two`);
  if (reader.has(fileKey)) return secretOfFile(reader, fileKey);
  if (!reader.has(key)) return null;
  const value = reader.raw(key);
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  if (bytes instanceof Uint8Array && bytes.length >= 1 && bytes.length <= maxSecretBytes) return bytes;
  return reader.refuse(key, `1 to ${maxSecretBytes} bytes, or text`);
}

/** The file's bytes without the line break at its end, which editors and `echo` add. */
function secretOfFile(reader: OptionReader, fileKey: string): Uint8Array {
  const file = reader.text(fileKey, null, 4_096)!;
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new RingError(
      'INVALID_CONFIG',
      `${fileKey}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      {
        hint: 'Check that the file exists and that the user of this process may read it.',
        details: { key: fileKey },
        cause: error,
      },
    );
  }
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  if (end < 1 || end > maxSecretBytes) {
    throw new RingError('INVALID_CONFIG', `${fileKey}: ${file} has ${end} bytes, expected 1 to ${maxSecretBytes}`, {
      hint: 'Make one with: head -c 32 /dev/urandom | base64 > FILE',
      details: { key: fileKey },
    });
  }
  return bytes.subarray(0, end);
}
