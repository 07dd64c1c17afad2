import { describe, expect, it } from 'vitest';
import { MovementLedger, type MovementPort } from '../../src/lifecycle/movement-ledger.ts';
import type { OwnMovement } from '../../src/lifecycle/own-movements.ts';
import { openBootstrap } from './open-bootstrap.ts';

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

const port: MovementPort = {
  wanted: () => [],
  isAlive: () => true,
  ringFingerprint: () => 'ring',
  applied: true,
  start: () => {},
  cancel: () => {},
  commit: (_operationId, _done, then) => then(),
  changed: () => {},
};

describe('the movement ledger', () => {
  it('of movements that end together all are on disk, whichever commits came through', () => {
    const commits: { done: readonly string[]; then: () => void }[] = [];
    const commit = (_operationId: string, done: readonly string[], then: () => void) =>
      void commits.push({ done, then });
    const ledger = new MovementLedger({ ...port, wanted: () => ['m1', 'm2', 'm3'].map(gain), commit }, null);
    ledger.told(openBootstrap, 'ring', []);
    for (const id of ['m1', 'm2', 'm3']) ledger.finished(id, () => {});
    expect(commits.map(({ done }) => done)).toEqual([['m1'], ['m1', 'm2'], ['m1', 'm2', 'm3']]);
    commits[0]!.then();
    expect(ledger.standing(openBootstrap)).toMatchObject({ total: 3, done: 1 });
    for (const { then } of commits.slice(1)) then();
    expect(ledger.standing(openBootstrap)).toMatchObject({ total: 3, done: 3, ratio: 1 });
  });

  it('when the ring changes under it, keeps what is still wanted, breaks off what is not, and begins the rest only once told by that ring', () => {
    const log: string[] = [];
    let [ring, wanted] = ['before', ['m1', 'm2', 'm3', 'm4']];
    const ledger = new MovementLedger(
      {
        ...port,
        wanted: () => wanted.map(gain),
        ringFingerprint: () => ring,
        start: ({ movement }) => void log.push(`start ${movement.id}`),
        cancel: (id) => void log.push(`cancel ${id}`),
      },
      null,
    );
    ledger.told(openBootstrap, 'another', []);
    expect([ledger.standing(openBootstrap), log]).toEqual([null, []]);
    ledger.told(openBootstrap, 'before', []);
    ledger.finished('m1', () => {});
    ledger.failed('m4', 'disk full');
    expect(log.splice(0)).toEqual(['start m1', 'start m2', 'start m3', 'start m4']);

    [ring, wanted] = ['after', ['m1', 'm2', 'm5']];
    const after = { ...openBootstrap, stepEpoch: 5 };
    ledger.look(after);
    expect([ledger.standing(after), log.splice(0)]).toEqual([null, ['cancel m3']]);
    ledger.told(after, 'before', []);
    expect([ledger.standing(after), log]).toEqual([null, []]);
    ledger.told(after, 'after', []);
    expect(log).toEqual(['start m5']);
    expect(ledger.standing(after)).toMatchObject({ total: 3, done: 1, failed: null });
  });
});
