import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoredState } from '../../src/node/store-record.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { definition, identity } from './stored-samples.ts';

const root = mkdtempSync(join(tmpdir(), 'murmuring-power-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const options = { clusterName: 'flock' };
const before = definition('before', 'x');
let made = 0;

/** A store whose log holds three writes, the last one of three pages, and where that begins. */
const whole = join(root, 'whole');
let log = Buffer.alloc(0);
let last = 0;

const logOf = (directory: string): string =>
  join(directory, readdirSync(directory).find((name) => name.endsWith('.log'))!);

beforeAll(async () => {
  const store = await LevelStore.open(whole, options);
  await store.commit([{ kind: 'identity', identity }]);
  await store.commit([{ kind: 'schema', definition: before }]);
  last = readFileSync(logOf(whole)).length;
  await store.commit([{ kind: 'schema', definition: definition('last', 'y'.repeat(9_000)) }]);
  await store.close();
  log = readFileSync(logOf(whole));
});

/** The directory of a store whose log is this one. */
function storeWith(bytes: Buffer): string {
  const directory = join(root, `copy-${made++}`);
  cpSync(whole, directory, { recursive: true });
  writeFileSync(logOf(directory), bytes);
  return directory;
}

async function stateOf(directory: string): Promise<StoredState> {
  const store = await LevelStore.open(directory, options);
  const state = await store.load();
  await store.close();
  return state;
}

function rotten(at: number): Buffer {
  const bytes = Buffer.from(log);
  bytes[at]! ^= 1;
  return bytes;
}

it.each([
  ['its first page', () => [last, 4_096]],
  ['a page in its middle', () => [4_096, 8_192]],
  ['its last page', () => [8_192, log.length]],
  ['all of it', () => [last, log.length]],
])(
  'a store starts without its last write where %s was lost with the power, and without that alone',
  async (_, lost) => {
    const [from, to] = lost();
    const directory = storeWith(Buffer.from(log).fill(0, from, to));
    for (let start = 0; start < 2; start++) {
      expect(await stateOf(directory)).toMatchObject({ identity, schema: [before] });
    }
  },
);

it('a last write that looks like bit rot is refused, with the place to cut at if it was a power cut', async () => {
  const directory = storeWith(rotten(5_000));
  const path = logOf(directory);
  const hint = expect.stringContaining(`truncate -s ${last} ${path}`);
  for (let start = 0; start < 2; start++) {
    await expect(LevelStore.open(directory, options)).rejects.toMatchObject({ code: 'STORE_DAMAGED', hint });
  }
  truncateSync(path, last);
  expect(await stateOf(directory)).toMatchObject({ identity, schema: [before] });
});

it('a last write whose length rotted, so that it seems to be cut short, is not forgotten', async () => {
  // The length's higher byte: 16 KiB more, which the block has room for and the file has not.
  const bytes = Buffer.from(log);
  bytes[last + 5]! ^= 0x40;
  await expect(LevelStore.open(storeWith(bytes), options)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
});

it('nothing is to be cut where an acknowledged write follows what is damaged', async () => {
  const hint = expect.not.stringContaining('truncate');
  await expect(LevelStore.open(storeWith(rotten(last - 9)), options)).rejects.toMatchObject({
    code: 'STORE_DAMAGED',
    hint,
  });
});
