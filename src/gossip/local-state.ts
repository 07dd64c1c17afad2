import { InvariantViolation } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { checkApplicationLimits } from './application-limits.ts';
import { counterOf } from './application-state.ts';
import type { Counter, EndpointState } from './endpoint-state.ts';
import { trimTombstones } from './tombstones.ts';
import { type VersionedValue, versionedValue } from './versioned-value.ts';

/** A state to set, or null to delete it. */
export type StateEntry = readonly [key: string, value: string | null];

/**
 * This node's own state. Nobody else writes it. Every change is a new immutable `EndpointState`, stamped here and nowhere
 * else, so that no delta can show half of a step (CASSANDRA-10366, CASSANDRA-13700).
 */
export class LocalState {
  #state: EndpointState;

  /** `generation` in unix seconds. The first step is part of the start: nobody sees a state without it. */
  constructor(hostId: HostId, generation: number, entries: readonly StateEntry[]) {
    this.#state = { hostId, generation, version: 0, bulkVersion: 0, values: new Map(), floor: 0, bulkFloor: 0 };
    this.step(entries);
    if (this.#state.version === 0) this.beat();
  }

  get state(): EndpointState {
    return this.#state;
  }

  /**
   * Sets or deletes several keys at once. All entries of one counter share one new version of it, and are never seen
   * apart; of a key that stands twice the last counts. Entries that change nothing are not stamped anew.
   * @returns the state version after the step.
   * @throws RingError as `checkApplicationLimits`; the state is unchanged then.
   */
  step(entries: readonly StateEntry[]): number {
    const before = this.#state;
    checkApplicationLimits(before.values, entries);
    const changed = [...new Map(entries)].filter(([key, value]) => (before.values.get(key)?.value ?? null) !== value);
    if (changed.length === 0) return before.version;
    const moved = new Set<Counter>(changed.map(([key]) => counterOf(key)));
    const version = before.version + (moved.has('state') ? 1 : 0);
    const bulkVersion = before.bulkVersion + (moved.has('bulk') ? 1 : 0);
    const values = new Map(before.values);
    for (const [key, value] of changed) {
      values.set(key, versionedValue(key, value, counterOf(key) === 'state' ? version : bulkVersion));
    }
    this.#state = {
      ...before,
      version,
      bulkVersion,
      values,
      floor: trimTombstones(values, 'state', before.floor),
      bulkFloor: trimTombstones(values, 'bulk', before.bulkFloor),
    };
    return version;
  }

  /** Advances the heartbeat. */
  beat(): void {
    this.#state = { ...this.#state, version: this.#state.version + 1 };
  }

  /** Starts a fresh generation (unix seconds): versions start again, values are kept, tombstones are not needed. */
  raiseGeneration(generation: number): void {
    const before = this.#state;
    if (generation <= before.generation) {
      throw new InvariantViolation(`generation ${generation} was taken, expected one above ${before.generation}`);
    }
    const values = new Map<string, VersionedValue>();
    let bulkVersion = 0;
    for (const [key, { value }] of before.values) {
      if (value === null) continue;
      values.set(key, versionedValue(key, value, 1));
      if (counterOf(key) === 'bulk') bulkVersion = 1;
    }
    this.#state = { hostId: before.hostId, generation, version: 1, bulkVersion, values, floor: 0, bulkFloor: 0 };
  }
}
