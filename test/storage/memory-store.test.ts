import { expect, it } from 'vitest';
import { MemoryStore } from '../../src/storage/memory-store.ts';
import { storeCompliance } from './store-compliance.ts';
import { identity, peer } from './stored-samples.ts';

storeCompliance('MemoryStore', () => {
  let store: MemoryStore | null = null;
  return {
    async open() {
      store = store?.reopened() ?? new MemoryStore();
      return store;
    },
  };
});

it('loses in a crash what was only saved and what was not acknowledged, and nothing else', async () => {
  const store = new MemoryStore();
  await store.commit([{ kind: 'identity', identity }]);
  store.save({ kind: 'peer', peer: peer(6) });
  const unacknowledged = store.commit([{ kind: 'identity', identity: { ...identity, generation: 1 } }]);
  store.crash();
  await expect(unacknowledged).rejects.toMatchObject({ code: 'STOPPED' });
  expect(await store.reopened().load()).toMatchObject({ identity, peers: [] });
});
