import type { StoreRecord } from '../node/store-record.ts';
import { storeKeyOf } from './store-key.ts';

/** Records that wait to be written: of each key only the newest, in the order of their last change. */
export class PendingWrites {
  readonly #byKey = new Map<string, StoreRecord>();

  get size(): number {
    return this.#byKey.size;
  }

  add(record: StoreRecord): void {
    const { part, key } = storeKeyOf(record);
    const place = `${part}/${key}`;
    this.#byKey.delete(place);
    this.#byKey.set(place, record);
    if (record.kind !== 'ringSnapshot') return;
    // A record that the snapshot replaces must not come back behind it.
    for (const [other, waiting] of this.#byKey) {
      if (waiting.kind === 'ringRecord' && waiting.record.epoch <= record.snapshot.epoch) this.#byKey.delete(other);
    }
  }

  /** All that wait; none do afterwards. */
  take(): StoreRecord[] {
    const records = [...this.#byKey.values()];
    this.#byKey.clear();
    return records;
  }
}
