import { counterOf } from './application-state.ts';
import type { Counter } from './endpoint-state.ts';
import type { VersionedValue } from './versioned-value.ts';

/** How many tombstones of one counter a state keeps. */
export const maxTombstones = 256;

/**
 * Forgets the oldest tombstones of one counter beyond the number that is kept, in place, and answers the new floor: the
 * version of the newest that was forgotten, or the floor given. Who stands below it has missed a deletion that no delta
 * can name any more, and gets the whole state.
 */
export function trimTombstones(values: Map<string, VersionedValue>, counter: Counter, floor: number): number {
  const tombstones: { readonly key: string; readonly version: number }[] = [];
  for (const [key, { value, version }] of values) {
    if (value === null && counterOf(key) === counter) tombstones.push({ key, version });
  }
  if (tombstones.length <= maxTombstones) return floor;
  tombstones.sort((left, right) => left.version - right.version);
  let newest = floor;
  for (const { key, version } of tombstones.slice(0, tombstones.length - maxTombstones)) {
    values.delete(key);
    newest = Math.max(newest, version);
  }
  return newest;
}
