import { describe, expect, it } from 'vitest';
import { emptyStoredState, type StoreRecord } from '../../src/node/store-record.ts';
import type { Store } from '../../src/storage/store.ts';
import { StoredStateBuilder } from '../../src/storage/stored-state-builder.ts';
import { definition, identity, oneOfEach, peer, ringRecord, snapshot, uuid } from './stored-samples.ts';

/** A store that can be closed and opened again on the same disk. */
export interface StoreBench {
  open(): Promise<Store>;
}

/** What every store promises. Each implementation runs this suite; `fresh` gives it an empty disk. */
export function storeCompliance(name: string, fresh: () => StoreBench): void {
  const records = (epochs: readonly number[]): StoreRecord[] =>
    epochs.map((epoch) => ({ kind: 'ringRecord', record: ringRecord(epoch) }));

  /** The epochs that are there after the steps, each a batch of its own, and a reopening. */
  const epochsAfter = async (...batches: readonly (readonly StoreRecord[])[]): Promise<number[]> => {
    const bench = fresh();
    const store = await bench.open();
    for (const batch of batches) await store.commit(batch);
    await store.close();
    const reopened = await bench.open();
    const { records: found } = await reopened.load();
    await reopened.close();
    return found.map((record) => record.epoch);
  };

  describe(`${name}, as any store`, () => {
    it('is empty at first', async () => {
      const store = await fresh().open();
      expect(await store.load()).toEqual(emptyStoredState);
      await store.close();
    });

    it('gives back every kind of record as it was committed, before and after a reopening', async () => {
      const bench = fresh();
      const store = await bench.open();
      await store.commit(oneOfEach);
      const builder = new StoredStateBuilder();
      for (const record of oneOfEach) builder.apply(record);
      expect(await store.load()).toEqual(builder.state());
      await store.close();
      const reopened = await bench.open();
      expect(await reopened.load()).toEqual(builder.state());
      expect(StoredStateBuilder.from(await reopened.load()).state()).toEqual(builder.state());
      await reopened.close();
    });

    it('keeps the newest of each key, by save and by commit, in the order in which they were given', async () => {
      const store = await fresh().open();
      store.save({ kind: 'peer', peer: peer(6, 1) });
      const first = store.commit([{ kind: 'peer', peer: peer(6, 2) }]);
      store.save({ kind: 'peer', peer: peer(6, 3) });
      store.save({ kind: 'schema', definition: definition('a', 'old') });
      store.save({ kind: 'schema', definition: definition('a', 'new') });
      await first;
      const { peers, schema } = await store.load();
      expect(peers).toEqual([peer(6, 3)]);
      expect(schema).toEqual([definition('a', 'new')]);
      await store.close();
    });

    it('carries earlier saves along with a commit', async () => {
      const bench = fresh();
      const store = await bench.open();
      store.save({ kind: 'peer', peer: peer(6) });
      await store.commit([{ kind: 'identity', identity }]);
      expect(await store.load()).toEqual({ ...emptyStoredState, identity, peers: [peer(6)] });
      await store.close();
    });

    it('acknowledges commits in their order', async () => {
      const store = await fresh().open();
      const acknowledged: number[] = [];
      const generations = [1, 2, 3, 4, 5];
      await Promise.all(
        generations.map((generation) =>
          store
            .commit([{ kind: 'identity', identity: { ...identity, generation } }])
            .then(() => acknowledged.push(generation)),
        ),
      );
      expect(acknowledged).toEqual(generations);
      expect((await store.load()).identity?.generation).toBe(5);
      await store.close();
    });

    it('forgets a peer for good', async () => {
      const bench = fresh();
      const store = await bench.open();
      await store.commit([
        { kind: 'peer', peer: peer(6) },
        { kind: 'peer', peer: peer(7) },
      ]);
      store.save({ kind: 'forgetPeer', hostId: uuid(6) });
      await store.close();
      const reopened = await bench.open();
      expect((await reopened.load()).peers).toEqual([peer(7)]);
      await reopened.close();
    });

    it('lets a snapshot replace the records up to its epoch, whatever batch they came in', async () => {
      const snapshotAt = (epoch: number): StoreRecord => ({ kind: 'ringSnapshot', snapshot: snapshot(epoch) });
      const cases = [
        [records([1, 2, 3]), [snapshotAt(2)]],
        [[...records([1, 2]), snapshotAt(2), ...records([3])]],
        [[snapshotAt(2), ...records([3])], records([2])],
        [records([1]), [...records([2, 3]), snapshotAt(2)]],
      ];
      for (const batches of cases) expect(await epochsAfter(...batches)).toEqual([3]);
    });

    it('does away with all of another history, later records and the snapshot too, and keeps what follows it', async () => {
      const snapshotAt = (epoch: number): StoreRecord => ({ kind: 'ringSnapshot', snapshot: snapshot(epoch) });
      const forgotten: StoreRecord = { kind: 'ringForgotten' };
      const cases: [number[], ...StoreRecord[][]][] = [
        [[], records([1, 2, 9]), [forgotten]],
        [
          [1, 2],
          [snapshotAt(3), ...records([4])],
          [forgotten, ...records([1, 2])],
        ],
        [
          [1, 2],
          [snapshotAt(3), ...records([4]), forgotten, ...records([1, 2])],
        ],
        [[3, 4], records([3, 9]), [forgotten, snapshotAt(2), ...records([3, 4])]],
        // A later snapshot, before any of it is written: only what it replaces goes.
        [[4, 5], records([9]), [forgotten, snapshotAt(2), ...records([3, 4, 5]), snapshotAt(3)]],
        [[3], [forgotten, ...records([1])], [snapshotAt(2), ...records([3])]],
      ];
      for (const [expected, ...batches] of cases) expect(await epochsAfter(...batches)).toEqual(expected);
    });

    it('has no snapshot once the history is forgotten', async () => {
      const bench = fresh();
      const store = await bench.open();
      await store.commit([{ kind: 'ringSnapshot', snapshot: snapshot(2) }]);
      await store.commit([{ kind: 'ringForgotten' }, ...records([1])]);
      await store.close();
      const reopened = await bench.open();
      expect((await reopened.load()).snapshot).toBeNull();
      await reopened.close();
    });

    it('lists records by epoch, not by text', async () => {
      const epochs = Array.from({ length: 300 }, (_, at) => at + 1);
      expect(await epochsAfter(records([...epochs].reverse()))).toEqual(epochs);
    });

    it('writes what was saved when it is closed, twice if need be, and refuses commits afterwards', async () => {
      const bench = fresh();
      const store = await bench.open();
      store.save({ kind: 'identity', identity });
      await Promise.all([store.close(), store.close()]);
      await store.close();
      store.save({ kind: 'peer', peer: peer(6) });
      await expect(store.commit([])).rejects.toMatchObject({ code: 'STOPPED' });
      const reopened = await bench.open();
      expect(await reopened.load()).toEqual({ ...emptyStoredState, identity });
      await reopened.close();
    });
  });
}
