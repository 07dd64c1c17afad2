import { bench, describe } from 'vitest';
import { KeyHasher } from '../../src/token/key-hasher.ts';
import { tokenOf } from '../../src/token/murmur3-partitioner.ts';
import { driverHash } from '../../test/ring/driver-judge.ts';
import { carriedKeys } from '../../test/ring/rings.ts';

const texts = carriedKeys();
const buffers = texts.map((text) => Buffer.from(text));
const hasher = new KeyHasher();

describe('key → token, 500 real names an iteration', () => {
  bench('KeyHasher, bytes', () => {
    for (const bytes of buffers) hasher.hash(bytes);
  });
  bench('KeyHasher, text', () => {
    for (const text of texts) hasher.hash(text);
  });
  bench('tokenOf, text → bigint', () => {
    for (const text of texts) tokenOf(text);
  });
  bench('cassandra-driver, bytes', () => {
    for (const bytes of buffers) driverHash(bytes);
  });
});
