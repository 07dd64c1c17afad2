import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { applicationLimits } from '../../src/gossip/application-limits.ts';
import { LocalState } from '../../src/gossip/local-state.ts';
import { maxTombstones } from '../../src/gossip/tombstones.ts';
import { hostOf } from './gossip-fixtures.ts';

const fresh = (): LocalState => new LocalState(hostOf(1), 100, [['STATUS', 'NORMAL,1']]);

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof RingError) return error.code;
    throw error;
  }
  return 'none';
}

describe('the own state', () => {
  it('stamps all entries of a step with one version of the counter that they belong to', () => {
    const local = fresh();
    local.beat();
    expect(
      local.step([
        ['STATUS', 'LEAVING,2'],
        ['TOKENS', '2,t'],
        ['LOAD', '7'],
        ['x:bulk:big', 'b'],
      ]),
    ).toBe(3);
    const { values, version, bulkVersion } = local.state;
    expect([version, bulkVersion]).toEqual([3, 1]);
    expect(['STATUS', 'TOKENS', 'LOAD', 'x:bulk:big'].map((key) => values.get(key)!.version)).toEqual([3, 3, 1, 1]);
  });

  it('does not stamp anew what did not change, nor delete what is not there', () => {
    const local = fresh();
    const before = local.state;
    local.step([
      ['STATUS', 'NORMAL,1'],
      ['x:absent', null],
    ]);
    expect(local.state).toBe(before);
  });

  it('a state once given out never changes', () => {
    const local = fresh();
    const before = local.state;
    local.step([['STATUS', 'LEFT,2']]);
    expect(before.values.get('STATUS')!.value).toBe('NORMAL,1');
    expect(before.version).toBe(1);
  });

  it('forgets the oldest tombstones beyond what it keeps, of each counter apart; the newest forgotten is the floor', () => {
    const local = fresh();
    const deletions: number[] = [];
    for (let key = 0; key < maxTombstones + 3; key++) {
      local.step([[`x:${key}`, '']]);
      deletions.push(local.step([[`x:${key}`, null]]));
      local.step([[`x:bulk:${key % 9}`, '']]);
      local.step([[`x:bulk:${key % 9}`, null]]);
    }
    const tombstones = [...local.state.values].filter(([, { value }]) => value === null);
    expect(tombstones).toHaveLength(maxTombstones + 9);
    expect(local.state.floor).toBe(deletions[2]);
    expect(local.state.bulkFloor).toBe(0);
  });

  it('refuses application states beyond their limits, and is unchanged then', () => {
    const { maxKeyBytes, maxValueBytes, maxKeys, maxTotalBytes } = applicationLimits;
    const local = fresh();
    const before = local.state;
    const key = (bytes: number): string => `x:${'k'.repeat(bytes)}`;
    const many = (count: number): [string, string][] => Array.from({ length: count }, (_, at) => [`x:${at}`, '']);
    const total = (bytes: number): [string, string][] => [
      ...Array.from({ length: 4 }, (_, at): [string, string] => [`x:${at}`, 'v'.repeat(maxValueBytes - 1)]),
      ['x:r', 'v'.repeat(bytes - 4 * maxValueBytes)],
    ];
    for (const refused of [
      [[key(maxKeyBytes + 1), '']],
      [['x:v', 'é'.repeat(maxValueBytes / 2 + 1)]],
      many(maxKeys + 1),
      total(maxTotalBytes),
    ] as [string, string][][]) {
      expect(codeOf(() => local.step([['STATUS', 'LEFT,9'], ...refused]))).toBe('TOO_LARGE');
    }
    for (const invalid of [[['', 'v']], [['x:', 'v']], [['x:n', 7]], [[7, 'v']]] as unknown as [string, string][][]) {
      expect(codeOf(() => local.step(invalid))).toBe('INVALID_ARGUMENT');
    }
    expect(local.state).toBe(before);
    local.step([
      [key(maxKeyBytes), ''],
      ['x:v', 'v'.repeat(maxValueBytes)],
    ]);
    const full = fresh();
    full.step(many(maxKeys));
    expect(codeOf(() => full.step([['x:more', '']]))).toBe('TOO_LARGE');
    full.step([
      ['x:0', null],
      ['x:more', ''],
    ]);
  });
});
