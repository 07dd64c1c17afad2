import type { StoredState, StoreRecord } from '../node/store-record.ts';
import { NewestRecords } from './newest-records.ts';

/**
 * Folds store records into a `StoredState`: what a disk would hold after they were written in this order. Synchronous, so
 * that a simulated node can have one for its disk.
 */
export class StoredStateBuilder {
  readonly #records = new NewestRecords();

  /** A builder that starts from this state. */
  static from(state: StoredState): StoredStateBuilder {
    const builder = new StoredStateBuilder();
    if (state.identity !== null) builder.apply({ kind: 'identity', identity: state.identity });
    if (state.lifecycle !== null) builder.apply({ kind: 'lifecycle', lifecycle: state.lifecycle });
    if (state.movements !== null) builder.apply({ kind: 'movements', movements: state.movements });
    if (state.acceptor !== null) builder.apply({ kind: 'acceptor', acceptor: state.acceptor });
    for (const voter of state.remembered) builder.apply({ kind: 'remembered', voter });
    if (state.snapshot !== null) builder.apply({ kind: 'ringSnapshot', snapshot: state.snapshot });
    for (const record of state.records) builder.apply({ kind: 'ringRecord', record });
    for (const peer of state.peers) builder.apply({ kind: 'peer', peer });
    for (const definition of state.schema) builder.apply({ kind: 'schema', definition });
    return builder;
  }

  apply(record: StoreRecord): void {
    this.#records.add(record);
  }

  /** A copy that later records do not change. Lists are ascending: by epoch, host id, or type and name. */
  state(): StoredState {
    const state = {
      identity: null as StoredState['identity'],
      lifecycle: null as StoredState['lifecycle'],
      movements: null as StoredState['movements'],
      acceptor: null as StoredState['acceptor'],
      remembered: [] as StoredState['remembered'][number][],
      snapshot: null as StoredState['snapshot'],
      records: [] as StoredState['records'][number][],
      peers: [] as StoredState['peers'][number][],
      schema: [] as StoredState['schema'][number][],
    };
    for (const record of this.#records.sorted()) {
      switch (record.kind) {
        case 'identity':
          state.identity = record.identity;
          break;
        case 'lifecycle':
          state.lifecycle = record.lifecycle;
          break;
        case 'movements':
          state.movements = record.movements;
          break;
        case 'acceptor':
          state.acceptor = record.acceptor;
          break;
        case 'remembered':
          state.remembered.push(record.voter);
          break;
        case 'ringSnapshot':
          state.snapshot = record.snapshot;
          break;
        case 'ringRecord':
          state.records.push(record.record);
          break;
        case 'peer':
          state.peers.push(record.peer);
          break;
        case 'schema':
          state.schema.push(record.definition);
          break;
        case 'forgetPeer':
        case 'ringForgotten':
          break;
      }
    }
    const { epoch } = state.snapshot ?? { epoch: 0 };
    return { ...state, records: state.records.filter((record) => record.epoch > epoch) };
  }
}
