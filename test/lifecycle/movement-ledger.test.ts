import { expect, it } from 'vitest';
import type { OpenOperation } from '../../src/epoch/ring-snapshot.ts';
import { MovementLedger } from '../../src/lifecycle/movement-ledger.ts';
import type { OwnMovement } from '../../src/lifecycle/own-movements.ts';

const open: OpenOperation = {
  operationId: 'op',
  kind: 'bootstrap',
  step: 'begin',
  subjects: [{ hostId: 'c', tokens: [5n] }],
  replaces: null,
  strict: true,
  alter: null,
  beginEpoch: 4,
  stepEpoch: 4,
  beganAtMs: 0,
};

const gain = (id: string): OwnMovement => ({
  role: 'gain',
  missing: null,
  movement: {
    id,
    operationId: 'op',
    operation: 'bootstrap',
    keyspace: 'users',
    epoch: 4,
    sources: ['a'],
    targets: ['c'],
    ranges: [{ left: 0n, right: 5n }],
  },
});

it('of movements that end together all are on disk, whichever commits came through', () => {
  const commits: { done: readonly string[]; then: () => void }[] = [];
  const ledger = new MovementLedger(
    {
      wanted: () => ['m1', 'm2', 'm3'].map(gain),
      isAlive: () => true,
      applied: true,
      start: () => {},
      cancel: () => {},
      commit: (_operationId, done, then) => void commits.push({ done, then }),
      changed: () => {},
    },
    null,
  );
  ledger.told(open, []);
  for (const id of ['m1', 'm2', 'm3']) ledger.finished(id, () => {});
  expect(commits.map(({ done }) => done)).toEqual([['m1'], ['m1', 'm2'], ['m1', 'm2', 'm3']]);
  commits[0]!.then();
  expect(ledger.standing(open)).toMatchObject({ total: 3, done: 1 });
  for (const { then } of commits.slice(1)) then();
  expect(ledger.standing(open)).toMatchObject({ total: 3, done: 3, ratio: 1 });
});
