import { counterOf } from './application-state.ts';
import type { Delta, GossipDigest } from './delta.ts';
import { type Counter, type EndpointState, floorOf, versionOf } from './endpoint-state.ts';
import type { VersionedValue } from './versioned-value.ts';

/** Bytes of a delta without its entries. */
const deltaOverheadBytes = 40;

type Entry = readonly [key: string, value: VersionedValue];

/**
 * All that changed on one counter after `from`, as a snapshot; null if nothing did. From 0 it is the whole state: what is
 * alive, no tombstones, because what it does not hold is gone. So it is too when a deletion after `from` may be
 * forgotten.
 */
export function deltaSince(state: EndpointState, counter: Counter, from: number): Delta | null {
  const { hostId, generation } = state;
  const to = versionOf(state, counter);
  if (from >= to) return null;
  const base = from < floorOf(state, counter) ? 0 : from;
  const entries: Entry[] = [];
  for (const entry of state.values) {
    const [key, { value, version }] = entry;
    if (version > base && counterOf(key) === counter && (base > 0 || value !== null)) entries.push(entry);
  }
  entries.sort((left, right) => left[1].version - right[1].version);
  return { hostId, generation, counter, from: base, to, entries };
}

/** The whole state on both counters: what a shadow answer and the store hold. */
export function wholeDeltas(state: EndpointState): Delta[] {
  return [deltaSince(state, 'state', 0), deltaSince(state, 'bulk', 0)].filter((delta) => delta !== null);
}

/**
 * Gathers the deltas of one message under a byte budget. A whole state is never cut; another delta is cut between steps
 * only, entries of equal version staying together. What does not fit waits for a later exchange, but the first delta of
 * a message always goes, whole or up to the end of its first step: else one that is larger than a message would
 * never arrive.
 */
export class DeltaBuilder {
  readonly deltas: Delta[] = [];
  #bytesLeft: number;

  constructor(maxBytes: number) {
    this.#bytesLeft = maxBytes;
  }

  /** Adds what a holder of this digest lacks of the state. Nothing if the holder is ahead in generation. */
  addMissing(state: EndpointState, has: GossipDigest): void {
    if (has.generation > state.generation) return;
    const same = has.generation === state.generation;
    // Bulk keys join on to a generation that the state brings: without the one, the other would be refused.
    const ahead = this.#add(deltaSince(state, 'state', same ? has.version : 0));
    if (same || ahead) this.#add(deltaSince(state, 'bulk', same ? has.bulkVersion : 0));
  }

  #add(delta: Delta | null): boolean {
    if (delta === null) return true;
    const fitting = this.#cut(delta);
    if (fitting === null) return false;
    this.deltas.push(fitting);
    this.#bytesLeft -= deltaBytes(fitting.entries);
    return true;
  }

  #cut(delta: Delta): Delta | null {
    const first = this.deltas.length === 0;
    if (deltaBytes(delta.entries) <= this.#bytesLeft) return delta;
    if (delta.from === 0) return first ? delta : null;
    let bytes = deltaOverheadBytes;
    let end = 0;
    for (let at = 0; at < delta.entries.length; ) {
      const next = endOfStep(delta.entries, at);
      for (const [, value] of delta.entries.slice(at, next)) bytes += value.encodedBytes;
      if (bytes > this.#bytesLeft && !(first && end === 0)) break;
      end = at = next;
    }
    if (end === 0) return null;
    if (end === delta.entries.length) return delta;
    const entries = delta.entries.slice(0, end);
    return { ...delta, to: entries[end - 1]![1].version, entries };
  }
}

function endOfStep(entries: readonly Entry[], start: number): number {
  const { version } = entries[start]![1];
  let end = start + 1;
  while (end < entries.length && entries[end]![1].version === version) end++;
  return end;
}

const deltaBytes = (entries: readonly Entry[]): number =>
  entries.reduce((sum, [, value]) => sum + value.encodedBytes, deltaOverheadBytes);
