import { isUuid } from '../base/id.ts';
import { counterOf } from './application-state.ts';
import type { Delta } from './delta.ts';

const limit = 2 ** 32;

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

const isCount = (number: number): boolean => Number.isInteger(number) && number >= 0 && number < limit;
