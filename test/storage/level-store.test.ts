import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { afterAll, expect, it } from 'vitest';
import type { RingError } from '../../src/base/error.ts';
import { emptyStoredState } from '../../src/node/store-record.ts';
import { levelParts, type StoreLevel } from '../../src/storage/level-parts.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { storeCompliance } from './store-compliance.ts';
import { definition, identity, peer } from './stored-samples.ts';

const root = mkdtempSync(join(tmpdir(), 'murmuring-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let disks = 0;

storeCompliance('LevelStore', () => {
  const directory = join(root, String(disks++), 'made', 'by', 'open');
  return { open: () => LevelStore.open(directory, { clusterName: 'flock' }) };
});

it('finds logs and tables of many blocks whole, through several openings', async () => {
  const directory = join(root, 'blocks');
  const documents = Array.from({ length: 9 }, (_, at) => definition(`d${at}`, 'ü'.repeat(32_761 + at)));
  const peers = Array.from({ length: 200 }, (_, at) => peer(16 + at));
  for (let opening = 0; opening < 3; opening++) {
    const store = await LevelStore.open(directory, { clusterName: 'flock' });
    for (const document of documents) await store.commit([{ kind: 'schema', definition: document }]);
    for (const each of peers) store.save({ kind: 'peer', peer: each });
    await store.close();
  }
  const store = await LevelStore.open(directory, { clusterName: 'flock' });
  expect(await store.load()).toMatchObject({ schema: documents, peers });
  await store.close();
});

/** A store whose disk refuses the next write, and takes what comes after. */
async function refusing(directory: string, failed: (error: RingError) => void = () => {}): Promise<LevelStore> {
  const db: StoreLevel = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
  await db.open();
  const batch = db.batch.bind(db);
  let refusals = 1;
  db.batch = ((...args: Parameters<typeof batch>) =>
    refusals-- > 0 ? Promise.reject(new Error('No space left on device')) : batch(...args)) as typeof db.batch;
  const parts = levelParts(db);
  return new LevelStore({ directory, db, parts, state: emptyStoredState, witness: null, saveDelayMs: 0, failed });
}

it('writes nothing more once the disk refused a write, so that nothing overtakes what was lost', async () => {
  const directory = join(root, 'full');
  const store = await refusing(directory);
  const refused = { code: 'UNAVAILABLE', message: expect.stringContaining('No space left') };
  await expect(store.commit([{ kind: 'identity', identity }])).rejects.toMatchObject(refused);
  await expect(store.commit([{ kind: 'peer', peer: peer(6) }])).rejects.toMatchObject(refused);
  await expect(store.close()).rejects.toMatchObject(refused);
  const reopened = await LevelStore.open(directory, { clusterName: 'flock' });
  expect(await reopened.load()).toEqual(emptyStoredState);
  await reopened.close();
});

it('tells of a refused write that nobody waits for', async () => {
  let fail = (_: RingError): void => {};
  const told = new Promise<RingError>((resolve) => {
    fail = resolve;
  });
  const store = await refusing(join(root, 'unattended'), (error) => fail(error));
  store.save({ kind: 'peer', peer: peer(6) });
  expect(await told).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('No space left') });
  await expect(store.close()).rejects.toBe(await told);
});
