import { RingError } from '../base/error.ts';
import { applicationKeyPrefix } from './application-state.ts';
import { utf8Bytes, type VersionedValue } from './versioned-value.ts';

/** What an application may gossip of its own. Every node holds it for every node, so it is small on purpose. */
export const applicationLimits = {
  /** UTF-8 bytes of one key, without the prefix that marks it as the application's. */
  maxKeyBytes: 64,
  maxValueBytes: 4 * 1024,
  maxKeys: 256,
  /** UTF-8 bytes of all keys (without prefix) and values together. */
  maxTotalBytes: 16 * 1024,
} as const;

/**
 * Checks the application's keys of a step against what would be held after it. Deleted keys do not count.
 * @throws RingError INVALID_ARGUMENT for an empty key, or a key or value that is no Unicode text; TOO_LARGE for all else.
 */
export function checkApplicationLimits(
  values: ReadonlyMap<string, VersionedValue>,
  entries: readonly (readonly [key: string, value: string | null])[],
): void {
  const { maxKeys, maxTotalBytes } = applicationLimits;
  for (const [key, value] of entries) checkEntry(key, value);
  if (!entries.some(([key, value]) => isApplicationKey(key) && value !== null)) return;
  const after = new Map<string, string | null>();
  for (const [key, { value }] of values) if (isApplicationKey(key)) after.set(key, value);
  for (const [key, value] of entries) if (isApplicationKey(key)) after.set(key, value);
  let keys = 0;
  let bytes = 0;
  for (const [key, value] of after) {
    if (value === null) continue;
    keys++;
    bytes += keyBytes(key) + utf8Bytes(value);
  }
  if (keys > maxKeys)
    throw tooLarge(`${keys} application keys`, `at most ${maxKeys}`, 'delete keys that are not needed');
  if (bytes > maxTotalBytes) {
    throw tooLarge(`${bytes} bytes of application state`, `at most ${maxTotalBytes}`, 'gossip references, not data');
  }
}

function checkEntry(key: unknown, value: unknown): void {
  if (typeof key !== 'string' || key === '' || key === applicationKeyPrefix) {
    throw new RingError('INVALID_ARGUMENT', 'a state key was empty or no string, expected a non-empty string', {
      hint: 'give every state a name',
    });
  }
  if (value !== null && typeof value !== 'string') {
    throw new RingError(
      'INVALID_ARGUMENT',
      `the value of state ${key} was ${typeof value}, expected a string or null`,
      {
        hint: 'encode it as a string; null deletes the key',
      },
    );
  }
  if (!isWellFormed(key) || (value !== null && !isWellFormed(value))) {
    throw new RingError(
      'INVALID_ARGUMENT',
      `state ${JSON.stringify(key)} has half a surrogate pair, expected Unicode text`,
      {
        hint: 'encode bytes as base64 or hexadecimal text',
      },
    );
  }
  if (!isApplicationKey(key)) return;
  const { maxKeyBytes, maxValueBytes } = applicationLimits;
  if (keyBytes(key) > maxKeyBytes) {
    throw tooLarge(`a state key of ${keyBytes(key)} bytes`, `at most ${maxKeyBytes}`, 'choose a shorter name');
  }
  if (value !== null && utf8Bytes(value) > maxValueBytes) {
    throw tooLarge(
      `a value of ${utf8Bytes(value)} bytes for state ${key}`,
      `at most ${maxValueBytes}`,
      'gossip a reference to it instead',
    );
  }
}

/** Half a surrogate pair does not survive UTF-8: every receiver would hold another text. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const isApplicationKey = (key: string): boolean => key.startsWith(applicationKeyPrefix);

const keyBytes = (key: string): number => utf8Bytes(key) - applicationKeyPrefix.length;

const tooLarge = (got: string, expected: string, hint: string): RingError =>
  new RingError('TOO_LARGE', `got ${got}, expected ${expected}`, { hint });
