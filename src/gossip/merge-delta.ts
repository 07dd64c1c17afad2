import { counterOf } from './application-state.ts';
import type { Delta } from './delta.ts';
import { type EndpointState, floorOf, versionOf } from './endpoint-state.ts';
import { trimTombstones } from './tombstones.ts';
import type { VersionedValue } from './versioned-value.ts';

/**
 * What a delta did to a state. `joined` lists the keys that differ now; an advanced heartbeat alone lists none.
 * `stale` brought nothing new; `gap` does not join on: what is missing must be asked for.
 */
export type Merge =
  | { readonly kind: 'joined'; readonly state: EndpointState; readonly keys: readonly string[] }
  | { readonly kind: 'stale' }
  | { readonly kind: 'gap' };

/**
 * The delta rule, as a pure function of what is held and what came. It joins on if the generation is equal and
 * from ≤ have < to; then have = to. A higher or unknown generation is taken up only by a whole state (from 0) of the state
 * counter, which replaces everything; a lower one is stale. So a partial state is never held for a whole one
 * (CASSANDRA-19983), and any order, repetition or loss of deltas ends equal.
 */
export function mergeDelta(have: EndpointState | null, delta: Delta): Merge {
  if (have === null || delta.generation > have.generation) return replace(have, delta);
  const { counter, from, to } = delta;
  const version = versionOf(have, counter);
  if (delta.generation < have.generation || to <= version) return { kind: 'stale' };
  if (from > version) return { kind: 'gap' };
  // A bare heartbeat, which most deltas are, shares the values with the state before it.
  if (from > 0 && delta.entries.length === 0) {
    return { kind: 'joined', state: advanced(have, delta, have.values), keys: [] };
  }
  const values = new Map(have.values);
  const keys: string[] = [];
  if (from === 0) {
    const held = new Set(delta.entries.map(([key]) => key));
    for (const [key, { value }] of have.values) {
      if (counterOf(key) !== counter || held.has(key)) continue;
      values.delete(key);
      if (value !== null) keys.push(key);
    }
  }
  for (const [key, value] of delta.entries) {
    // What is not newer than the counter is held already, in this version or a later one.
    if (value.version <= version) continue;
    if (value.value !== null || (values.get(key)?.value ?? null) !== null) keys.push(key);
    values.set(key, value);
  }
  return { kind: 'joined', state: advanced(have, delta, values), keys };
}

function replace(have: EndpointState | null, delta: Delta): Merge {
  if (delta.from !== 0 || delta.counter !== 'state') return { kind: 'gap' };
  const { hostId, generation, to } = delta;
  const values = new Map<string, VersionedValue>(delta.entries);
  const keys = new Set(values.keys());
  for (const [key, { value }] of have?.values ?? []) if (value !== null) keys.add(key);
  return {
    kind: 'joined',
    state: { hostId, generation, version: to, bulkVersion: 0, values, floor: to, bulkFloor: 0 },
    keys: [...keys],
  };
}

/** The state with one counter at the end of the delta. Whoever took a whole state cannot name the deletions in it. */
function advanced(have: EndpointState, delta: Delta, values: ReadonlyMap<string, VersionedValue>): EndpointState {
  const { counter, from, to } = delta;
  let floor = from === 0 ? to : floorOf(have, counter);
  if (values !== have.values) floor = trimTombstones(values as Map<string, VersionedValue>, counter, floor);
  return counter === 'state'
    ? { ...have, version: to, values, floor }
    : { ...have, bulkVersion: to, values, bulkFloor: floor };
}
