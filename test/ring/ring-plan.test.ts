import { describe, expect, it } from 'vitest';
import { futureOwners } from '../../src/ring/future-owners.ts';
import type { RingChangeSource } from '../../src/ring/ring-change.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { ringPlan } from '../../src/ring/ring-plan.ts';
import { changeBetween, hostIds, member } from './rings.ts';

const quarter = 2n ** 62n;
/** Four hosts, evenly spread, in racks r1 r2 r3 r3. */
const ring = ['r1', 'r2', 'r3', 'r3'].map((rack, index) =>
  member('abcd'[index]!, [BigInt(index - 2) * quarter + 1n], rack),
);
const changeOf = (
  natural: readonly RingMember[],
  future: readonly RingMember[],
  factor = 3,
  rest: Partial<RingChangeSource> = {},
) => changeBetween(natural, future, { class: 'NetworkTopologyStrategy', dc1: String(factor) }, rest);
const leaves = (hostId: string) =>
  changeOf(
    ring,
    futureOwners(ring, { kind: 'decommission', subjects: [{ hostId, tokens: [] }], replaces: null, alter: null }),
  );
const leaving = { operationId: 'op', kind: 'decommission' as const, stepEpoch: 0 };
const alive = new Set(hostIds(ring));

describe('ringPlan', () => {
  it('says how much moves, how even it is before and after, and in how many racks replicas stand', () => {
    const joiner = member('e', [2n * quarter - 1n - quarter / 2n], 'r1');
    const plan = ringPlan(
      changeOf(ring, [...ring, joiner], 1),
      { ...leaving, kind: 'bootstrap' },
      new Set([...alive, 'e']),
    );
    expect(plan.keyspaces).toHaveLength(1);
    const [users] = plan.keyspaces;
    expect(users!.movedShare).toBeCloseTo(1 / 8, 6);
    expect(users!.changedShare).toBeCloseTo(1 / 8, 6);
    expect(users!.balance.before).toBeCloseTo(1, 6);
    expect(users!.balance.after).toBeCloseTo(5 / 4, 6);
    expect(users!.racks).toEqual({ before: 1, after: 1, narrowedShare: 0 });
    expect(plan).toMatchObject({ possible: true, shortfalls: [], unavailable: [], deadTargets: [] });
    expect(plan.movements).toHaveLength(1);
  });

  it('shows that a rack is lost, and of which part of the ring', () => {
    const plan = ringPlan(leaves('a'), leaving, alive);
    expect(plan.keyspaces[0]!.racks).toEqual({ before: 3, after: 2, narrowedShare: 1 });
    expect(ringPlan(leaves('d'), leaving, alive).keyspaces[0]!.racks).toEqual({
      before: 3,
      after: 3,
      narrowedShare: 0,
    });
  });

  it('names whose death would stop it', () => {
    // c stands in for d in (…, d]: it must live to be sent the data, a and b only one of the two to acknowledge.
    const plan = ringPlan(leaves('d'), leaving, alive);
    expect(plan.possible).toBe(true);
    expect(plan.neededAlive).toEqual(['c']);
    expect(plan.acknowledging).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is not possible while a target is dead, too few acknowledge, or nobody living has the data', () => {
    expect(ringPlan(leaves('d'), leaving, new Set(['a', 'b', 'd']))).toMatchObject({
      possible: false,
      deadTargets: ['c'],
    });
    const few = ringPlan(leaves('d'), leaving, new Set(['c', 'd']));
    expect(few.possible).toBe(false);
    expect(few.shortfalls.map(({ replicas, missing }) => [replicas.join(''), missing.join('')])).toEqual([
      ['abd', 'ab'],
      ['abc', 'ab'],
    ]);
    const one = changeOf(ring, ring.slice(0, 3), 1);
    const lost = ringPlan(one, { ...leaving, kind: 'removenode' }, new Set(['a', 'b', 'c']));
    expect(lost).toMatchObject({ possible: false, movements: [], unavailable: [{ dead: ['d'], living: [] }] });
  });
});
