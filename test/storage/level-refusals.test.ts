import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { levelParts, type StoreLevel } from '../../src/storage/level-parts.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import type { StorePart } from '../../src/storage/store-key.ts';
import { identity, oneOfEach, peer, ringRecord, uuid } from './stored-samples.ts';

const root = mkdtempSync(join(tmpdir(), 'murmuring-refusals-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const options = { clusterName: 'flock' };
let made = 0;

/** `logged`: everything still stands in LevelDB's log; `tabled`: a reopening has moved it to a table. */
const logged = join(root, 'logged');
const tabled = join(root, 'tabled');

beforeAll(async () => {
  const store = await LevelStore.open(logged, options);
  for (const record of oneOfEach) await store.commit([record]);
  await store.commit([{ kind: 'peer', peer: peer(7) }]);
  await store.close();
  cpSync(logged, tabled, { recursive: true });
  await (await LevelStore.open(tabled, options)).close();
});

function copyOf(directory: string): string {
  const copy = join(root, `copy-${made++}`);
  cpSync(directory, copy, { recursive: true });
  return copy;
}

const fileOf = (directory: string, pattern: RegExp): string => {
  const name = readdirSync(directory).find((each) => pattern.test(each));
  if (name === undefined) throw new Error(`no ${pattern} in ${readdirSync(directory)}`);
  return join(directory, name);
};

/** Opens and closes; the error's code, or `opened`. Every refusal must say the way out. */
async function outcome(directory: string, clusterName = 'flock'): Promise<string> {
  try {
    await (await LevelStore.open(directory, { clusterName })).close();
    return 'opened';
  } catch (error) {
    if (!(error instanceof RingError)) throw error;
    expect(error.message).toContain(directory);
    expect(error.hint).not.toBeNull();
    return error.code;
  }
}

/** Changes one stored value behind the store's back. */
async function tamper(
  directory: string,
  part: StorePart | 'format',
  key: string,
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  const db = new Level<string, Uint8Array>(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
  const sublevel = levelParts(db)[part];
  const bytes = await sublevel.get(key);
  if (bytes === undefined) throw new Error(`nothing at ${part}/${key}`);
  await sublevel.put(key, change(Uint8Array.from(bytes)));
  await db.close();
}

const flipped = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));
const cut = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length >> 1);

describe('LevelStore.open refuses', () => {
  it('a directory that another store has open, and takes it once that is closed', async () => {
    const directory = copyOf(logged);
    const store = await LevelStore.open(directory, options);
    expect(await outcome(directory)).toBe('STORE_IN_USE');
    await store.close();
    expect(await outcome(directory)).toBe('opened');
  });

  it('the store of another cluster, and leaves it as it was', async () => {
    const directory = copyOf(logged);
    expect(await outcome(directory, 'other')).toBe('STORE_OF_OTHER_CLUSTER');
    expect(await outcome(directory)).toBe('opened');
  });

  it('a newer format', async () => {
    const directory = copyOf(logged);
    await tamper(directory, 'format', 'version', () => new TextEncoder().encode('2'));
    expect(await outcome(directory)).toBe('STORE_FORMAT');
    await tamper(directory, 'format', 'version', () => new TextEncoder().encode('x'));
    expect(await outcome(directory)).toBe('STORE_DAMAGED');
  });

  it('a file, and a database that is not ours', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(await outcome(file)).toBe('INVALID_CONFIG');
    expect(await outcome(join(file, 'below'))).toBe('INVALID_CONFIG');
    const foreign = join(root, 'foreign');
    const db = new Level(foreign);
    await db.put('hello', 'world');
    await db.close();
    expect(await outcome(foreign)).toBe('INVALID_CONFIG');
    const parted = join(root, 'parted');
    const partedDb = new Level(parted);
    // A name of ours proves nothing while another is there.
    for (const name of ['schema', 'users']) await partedDb.sublevel(name).put('hello', 'world');
    await partedDb.close();
    expect(await outcome(parted)).toBe('INVALID_CONFIG');
  });

  it('a store of ours that lost its format number: damaged', async () => {
    const directory = copyOf(logged);
    const db: StoreLevel = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
    await levelParts(db).format.del('version');
    await db.close();
    expect(await outcome(directory)).toBe('STORE_DAMAGED');
  });

  it('the database of one node beside the IDENTITY.json of another, and leaves that as it was', async () => {
    const directory = copyOf(logged);
    const path = join(directory, 'IDENTITY.json');
    const other = JSON.stringify({ hostId: uuid(9), clusterName: 'flock', clusterId: identity.clusterId });
    writeFileSync(path, other);
    for (const hostId of [uuid(9), identity.hostId]) {
      await expect(LevelStore.open(directory, options)).rejects.toMatchObject({
        code: 'STORE_DAMAGED',
        message: expect.stringContaining(hostId),
      });
    }
    expect(readFileSync(path, 'utf8')).toBe(other);
  });

  const damages: readonly [string, string, (directory: string) => void][] = [
    ['a missing CURRENT', logged, (directory) => rmSync(join(directory, 'CURRENT'))],
    ['a missing CURRENT beside a table', tabled, (directory) => rmSync(join(directory, 'CURRENT'))],
    ['an empty CURRENT', logged, (directory) => truncateSync(join(directory, 'CURRENT'))],
    ['a missing MANIFEST', logged, (directory) => rmSync(fileOf(directory, /^MANIFEST/))],
    ['a cut MANIFEST', logged, (directory) => truncateSync(fileOf(directory, /^MANIFEST/), 10)],
    ['a missing log', logged, (directory) => rmSync(fileOf(directory, /\.log$/))],
    ['an emptied log', logged, (directory) => truncateSync(fileOf(directory, /\.log$/))],
    ['a flipped bit in the log', logged, (directory) => flip(fileOf(directory, /\.log$/))],
    ['a log of garbage', logged, (directory) => writeFileSync(fileOf(directory, /\.log$/), Buffer.alloc(5_000, 7))],
    ['a missing table', tabled, (directory) => rmSync(fileOf(directory, /\.ldb$/))],
    ['a flipped bit in a table', tabled, (directory) => flip(fileOf(directory, /\.ldb$/))],
    ['a cut table', tabled, (directory) => truncateSync(fileOf(directory, /\.ldb$/), 100)],
    [
      'nothing left but the witness',
      logged,
      (directory) => {
        for (const name of readdirSync(directory)) if (name !== 'IDENTITY.json') rmSync(join(directory, name));
      },
    ],
  ];
  const flip = (path: string): void => writeFileSync(path, flipped(readFileSync(path)));

  it.each(damages)('%s: damaged, and again at the next start', async (_what, from, damage) => {
    const directory = copyOf(from);
    damage(directory);
    expect(await outcome(directory)).toBe('STORE_DAMAGED');
    expect(await outcome(directory)).toBe('STORE_DAMAGED');
  });

  const vital = [
    ['identity', 'self'],
    ['lifecycle', 'self'],
    ['promises', 'acceptor'],
    ['records', 'epoch:0000000000000003'],
    ['records', 'snapshot'],
    ['schema', 'keyspace:app'],
  ] as const;

  it.each(vital)('a damaged or cut %s/%s', async (part, key) => {
    for (const damage of [flipped, cut, () => new Uint8Array()]) {
      const directory = copyOf(logged);
      await tamper(directory, part, key, damage);
      await expect(LevelStore.open(directory, options)).rejects.toMatchObject({
        code: 'STORE_DAMAGED',
        message: expect.stringContaining(`${part}/"${key}"`),
      });
    }
  });

  it('a gap among the ring records', async () => {
    const directory = copyOf(logged);
    const store = await LevelStore.open(directory, options);
    await store.commit([{ kind: 'ringRecord', record: ringRecord(5) }]);
    await store.close();
    await expect(LevelStore.open(directory, options)).rejects.toThrow('the ring record of epoch 4 is missing');
  });
});

describe('LevelStore.open', () => {
  it('calls nothing damaged where the directory is a link to a disk that is not mounted, or lies under one', async () => {
    const link = join(root, 'link');
    symlinkSync(join(root, 'not-mounted'), link);
    expect([await outcome(link), await outcome(join(link, 'n1'))]).toEqual(['INVALID_CONFIG', 'INVALID_CONFIG']);
    await expect(LevelStore.open(link, options)).rejects.toThrow('not mounted');
  });

  it.each([
    ['flipped', flipped],
    ['cut', cut],
  ])('sets a %s peer aside with one warning, and starts with the others', async (_what, damage) => {
    const directory = copyOf(logged);
    await tamper(directory, 'peers', peer(6).hostId, damage);
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    const store = await LevelStore.open(directory, { ...options, warn });
    expect(await store.load()).toMatchObject({ identity, peers: [peer(7)] });
    await store.close();
    await (await LevelStore.open(directory, { ...options, warn })).close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(peer(6).hostId);
  });

  it('takes a log that a crash cut short, or filled up with zeros, without what was never acknowledged', async () => {
    const log = readFileSync(fileOf(logged, /\.log$/));
    for (const torn of [log.subarray(0, log.length - 3), Buffer.concat([log, Buffer.alloc(50)])]) {
      const directory = copyOf(logged);
      writeFileSync(fileOf(directory, /\.log$/), torn);
      expect(await outcome(directory)).toBe('opened');
    }
  });

  it('begins anew where a first start was killed before anything was written', async () => {
    const directory = join(root, 'early');
    mkdirSync(directory);
    writeFileSync(join(directory, 'MANIFEST-000001'), 'half');
    writeFileSync(join(directory, 'LOCK'), '');
    expect(await outcome(directory)).toBe('opened');
  });

  it('writes a lost witness again', async () => {
    const directory = copyOf(logged);
    rmSync(join(directory, 'IDENTITY.json'));
    expect(await outcome(directory)).toBe('opened');
    truncateSync(fileOf(directory, /\.log$/));
    rmSync(fileOf(directory, /\.ldb$/));
    expect(await outcome(directory)).toBe('STORE_DAMAGED');
    expect(JSON.parse(readFileSync(join(directory, 'IDENTITY.json'), 'utf8'))).toEqual({
      hostId: identity.hostId,
      clusterName: 'flock',
      clusterId: identity.clusterId,
    });
  });
});
