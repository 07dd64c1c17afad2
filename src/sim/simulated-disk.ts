import { emptyStoredState, type StoredState, type StoreRecord } from '../node/store-record.ts';
import { StoredStateBuilder } from '../storage/stored-state-builder.ts';

/**
 * What a simulated node has written. It starts from a state that may be shared with other nodes (the peers and the ring
 * of a cluster are the same for all), and keeps only what was written since; they are joined when somebody reads.
 */
export class SimulatedDisk {
  #base: StoredState;
  #written: StoreRecord[] = [];

  constructor(base: StoredState = emptyStoredState) {
    this.#base = base;
  }

  apply(record: StoreRecord): void {
    this.#written.push(record);
    // Old versions of a record are dropped now and then, lest a long life fills the memory.
    if (this.#written.length > 4_096 + this.#base.peers.length) this.#join();
  }

  /** All that was written so far. */
  state(): StoredState {
    if (this.#written.length > 0) this.#join();
    return this.#base;
  }

  #join(): void {
    const builder = StoredStateBuilder.from(this.#base);
    for (const record of this.#written) builder.apply(record);
    this.#base = builder.state();
    this.#written = [];
  }
}
