import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { damageOfLog } from '../../src/storage/log-check.ts';
import { definition, identity } from './stored-samples.ts';

const root = mkdtempSync(join(tmpdir(), 'murmuring-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const pageBytes = 4_096;

interface Written {
  readonly log: Buffer;
  /** Where the last write begins. */
  readonly last: number;
}

/** The log of two small writes, and of a last one of about so many bytes. */
async function written(lastBytes: number): Promise<Written> {
  const directory = join(root, String(lastBytes));
  const store = await LevelStore.open(directory, { clusterName: 'flock' });
  const log = (): Buffer =>
    readFileSync(join(directory, readdirSync(directory).find((name) => name.endsWith('.log'))!));
  await store.commit([{ kind: 'identity', identity }]);
  await store.commit([{ kind: 'schema', definition: definition('before', 'x'.repeat(700)) }]);
  const last = log().length;
  await store.commit([{ kind: 'schema', definition: definition('last', 'y'.repeat(lastBytes)) }]);
  await store.close();
  return { log: log(), last };
}

/** What is on disk if these pages of the last write, counted in the file, never got there. */
function without(pages: readonly number[], { log, last }: Written): Buffer {
  const torn = Buffer.from(log);
  for (const page of pages) torn.subarray(Math.max(last, page * pageBytes), (page + 1) * pageBytes).fill(0);
  return torn;
}

const pagesOf = ({ log, last }: Written): number[] => {
  const first = Math.floor(last / pageBytes);
  return Array.from({ length: Math.ceil(log.length / pageBytes) - first }, (_, at) => first + at);
};

describe('a log', () => {
  /** Of one block, and of four. */
  let short: Written;
  let long: Written;
  beforeAll(async () => {
    short = await written(9_000);
    long = await written(100_000);
  });

  it('is not damaged by a power cut that any set of pages of its last write did not survive', () => {
    const pages = pagesOf(short);
    expect(pages).toHaveLength(3);
    for (let set = 0; set < 2 ** pages.length; set++) {
      const lost = pages.filter((_, at) => (set >> at) & 1);
      expect([lost, damageOfLog(without(lost, short))]).toEqual([lost, null]);
    }
    const random = new SeededRandom(0x7042);
    for (const page of pagesOf(long)) {
      const lost = pagesOf(long).filter((each) => each === page || random.below(4) === 0);
      for (const some of [[page], lost]) expect([some, damageOfLog(without(some, long))]).toEqual([some, null]);
    }
  });

  it('is not damaged by one that left it short as well, wherever that ends', () => {
    for (let end = long.last; end < long.log.length; end += 997) {
      expect([end, damageOfLog(long.log.subarray(0, end))]).toEqual([end, null]);
      const page = Math.floor(end / pageBytes) - 1;
      const torn = without([page], long).subarray(0, end);
      expect([end, damageOfLog(torn)]).toEqual([end, null]);
    }
  });

  it('is damaged by every flipped bit of its last write, which is said to be the last', () => {
    for (const { log, last } of [short, long]) {
      for (let at = last; at < log.length; at += at < last + 24 ? 1 : 997) {
        for (const bit of [0, 7]) {
          const rotten = Buffer.from(log);
          rotten[at]! ^= 1 << bit;
          expect([at, bit, damageOfLog(rotten)]).toEqual([at, bit, { at: last, inLastWrite: true }]);
        }
      }
    }
  });

  it('is damaged by zeros in its last write that do not fill a page as far as it is of that write', () => {
    const [, page] = pagesOf(short);
    for (const [from, to] of [
      [1, pageBytes],
      [0, pageBytes - 1],
      [100, 2_000],
    ] as const) {
      const rotten = Buffer.from(short.log);
      rotten.fill(0, page! * pageBytes + from, page! * pageBytes + to);
      expect(damageOfLog(rotten)).toEqual({ at: short.last, inLastWrite: true });
    }
  });

  it('is damaged by a lost page or a flipped bit before its last write, where nothing is to be cut off', () => {
    for (const { log, last } of [short, long]) {
      const next = Buffer.concat([log, log.subarray(0, last)]);
      const block = Math.ceil(log.length / 32_768) * 32_768;
      const aligned = Buffer.concat([log, Buffer.alloc(block - log.length), log.subarray(0, last)]);
      for (const whole of [next, aligned]) {
        for (const page of pagesOf({ log, last })) {
          const torn = Buffer.from(whole);
          torn.fill(0, Math.max(last, page * pageBytes), Math.min(log.length, (page + 1) * pageBytes));
          expect(damageOfLog(torn)).toEqual({ at: last, inLastWrite: false });
        }
        const rotten = Buffer.from(whole);
        rotten[last + 500]! ^= 1;
        expect(damageOfLog(rotten)).toEqual({ at: last, inLastWrite: false });
      }
    }
  });
});
