import { expect, it } from 'vitest';
import { disagreements } from './real-input.ts';
import { carriedKeys } from './rings.ts';

it('real input: 500 real names over eight racks have the tokens and replicas of cassandra-driver', () => {
  const keys = carriedKeys();
  expect(keys).toHaveLength(500);
  expect(disagreements(keys)).toEqual([]);
});
