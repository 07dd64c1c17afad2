import type { StoredState } from '../node/store-record.ts';
import type { LevelParts } from './level-parts.ts';
import { decodeRecord } from './record-codec.ts';
import { type StorePart, storeParts } from './store-key.ts';
import { refusalOfReading, storeDamaged } from './store-refusal.ts';
import { StoredStateBuilder } from './stored-state-builder.ts';

/** A remembered peer that cannot be read: the node starts without it and hears of it by gossip. */
export interface DamagedPeer {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly reason: string;
}

/**
 * Reads and checks all that a store holds. Damage to what the node *is* (identity, lifecycle, promises, ring records,
 * schema) throws RingError STORE_DAMAGED: what this node once promised must not be forgotten. Damaged peers are handed
 * over, to be set aside.
 */
export async function readStore(
  directory: string,
  parts: LevelParts,
): Promise<{ readonly state: StoredState; readonly damagedPeers: readonly DamagedPeer[] }> {
  const builder = new StoredStateBuilder();
  const damagedPeers: DamagedPeer[] = [];
  for (const part of storeParts) {
    for await (const [key, bytes] of entriesOf(directory, parts, part)) {
      const decoded = decodeRecord({ part, key }, bytes);
      if (decoded.kind === 'whole') builder.apply(decoded.record);
      else if (part === 'peers') damagedPeers.push({ key, bytes, reason: decoded.reason });
      else throw storeDamaged(directory, `record ${part}/${JSON.stringify(key)}: ${decoded.reason}`);
    }
  }
  const state = builder.state();
  const missing = firstMissingEpoch(state);
  if (missing !== null) throw storeDamaged(directory, `the ring record of epoch ${missing} is missing`);
  return { state, damagedPeers };
}

async function* entriesOf(directory: string, parts: LevelParts, part: StorePart): AsyncGenerator<[string, Uint8Array]> {
  try {
    yield* parts[part].iterator();
  } catch (error) {
    throw refusalOfReading(directory, part, error);
  }
}

function firstMissingEpoch({ snapshot, records }: StoredState): number | null {
  let epoch = (snapshot?.epoch ?? 0) + 1;
  for (const record of records) {
    if (record.epoch !== epoch) return epoch;
    epoch++;
  }
  return null;
}
