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
    this.#byPlace.delete(place);
    this.#byPlace.set(place, added);
    if (added.kind === 'ringForgotten')
      this.#drop((held) => held.kind === 'ringRecord' || held.kind === 'ringSnapshot');
    // A record that the snapshot replaces must not come back behind it.
    if (added.kind === 'ringSnapshot')
      this.#drop((held) => held.kind === 'ringRecord' && held.record.epoch <= added.snapshot.epoch);
  }

  #drop(isReplaced: (held: StoreRecord) => boolean): void {
    for (const [place, held] of this.#byPlace) if (isReplaced(held)) this.#byPlace.delete(place);
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
