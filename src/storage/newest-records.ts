import type { StoreRecord } from '../node/store-record.ts';
import { storeKeyOf } from './store-key.ts';

/** Store records, of each key only the newest, in the order of their last change. */
export class NewestRecords {
  readonly #byPlace = new Map<string, StoreRecord>();

  get size(): number {
    return this.#byPlace.size;
  }

  add(added: StoreRecord): void {
    const { part, key } = storeKeyOf(added);
    const place = `${part}/${key}`;
    // A later snapshot takes the place of an adopted history, and what that did away with stays away.
    const adopted = added.kind === 'ringSnapshot' && this.#byPlace.get(place)?.kind === 'ringAdopted';
    const record: StoreRecord = adopted ? { kind: 'ringAdopted', snapshot: added.snapshot } : added;
    this.#byPlace.delete(place);
    this.#byPlace.set(place, record);
    if (added.kind === 'ringAdopted') {
      for (const [other, held] of this.#byPlace) if (held.kind === 'ringRecord') this.#byPlace.delete(other);
    }
    if (record.kind !== 'ringSnapshot' && record.kind !== 'ringAdopted') return;
    // A record that the snapshot replaces must not come back behind it.
    for (const [other, held] of this.#byPlace) {
      if (held.kind === 'ringRecord' && held.record.epoch <= record.snapshot.epoch) this.#byPlace.delete(other);
    }
  }

  /** All in the order of their keys. */
  sorted(): StoreRecord[] {
    return [...this.#byPlace].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, record]) => record);
  }

  /** All in the order of their last change; none is left. */
  take(): StoreRecord[] {
    const records = [...this.#byPlace.values()];
    this.#byPlace.clear();
    return records;
  }
}
