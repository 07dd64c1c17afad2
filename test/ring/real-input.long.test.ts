import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { disagreements } from './real-input.ts';
import { carriedKeys, keysOf } from './rings.ts';

const allKeys = resolve(import.meta.dirname, '../../../shared/data/keys.txt');
const keys = existsSync(allKeys) ? keysOf(allKeys) : carriedKeys();

it(`real input: all ${keys.length} real names over eight racks have the tokens and replicas of cassandra-driver`, () => {
  expect([500, 200_000]).toContain(keys.length);
  expect(disagreements(keys)).toEqual([]);
});
