import { isUuid } from '../base/id.ts';
import { counterOf } from './application-state.ts';
import type { Delta } from './delta.ts';
import type { VersionedValue } from './versioned-value.ts';

const limit = 2 ** 32;
/** An honest host says less: its application's keys and as many tombstones on each counter, and some dozen of our own. */
const maxValues = 1_024;
/** Of a whole state: as much as a message of an exchange, or a part of a shadow answer, has room for. */
const maxWholeBytes = 48 * 1024;

/**
 * True for a delta that an honest node could have built, whatever it says: a host id, numbers in range, entries oldest
 * first within (from, to] and on the counter that their keys belong to. Stored deltas are checked like received ones.
 */
export function isWellFormed({ hostId, generation, counter, from, to, entries }: Delta): boolean {
  if (!isUuid(hostId) || !isCount(generation) || !isCount(from) || !isCount(to)) return false;
  if (generation === 0 || from >= to) return false;
  let last = from;
  for (const [key, value] of entries) {
    if (key === '' || counterOf(key) !== counter || !isCount(value.version)) return false;
    if (value.version <= from || value.version < last || value.version > to) return false;
    last = value.version;
  }
  return true;
}

/**
 * True for values of one host that no message may hold as a whole, however small each delta of them was: receivers would
 * refuse it with all that it says of others, and no joiner could take a shadow answer any more.
 */
export function areTooMany(values: ReadonlyMap<string, VersionedValue>): boolean {
  if (values.size > maxValues) return true;
  let bytes = 0;
  for (const { value, encodedBytes } of values.values()) if (value !== null) bytes += encodedBytes;
  return bytes > maxWholeBytes;
}

const isCount = (number: number): boolean => Number.isInteger(number) && number >= 0 && number < limit;
