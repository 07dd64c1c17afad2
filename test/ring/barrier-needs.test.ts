import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { barrierNeeds, barrierPossible, barrierReached } from '../../src/ring/barrier-needs.ts';
import type { RingChangeSource } from '../../src/ring/ring-change.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { Router } from '../../src/ring/router.ts';
import { carriedKeys, changeBetween, hostIds, member, randomRing, simpleStrategy } from './rings.ts';

const changeOf = (
  natural: readonly RingMember[],
  future: readonly RingMember[],
  factor = 3,
  rest: Partial<RingChangeSource> = {},
) => changeBetween(natural, future, simpleStrategy(factor), rest);
const ring = [member('a', [0n]), member('b', [10n]), member('c', [20n]), member('d', [30n])];
const joined = [...ring, member('e', [15n])];

describe('barrierNeeds', () => {
  it('of each affected range two of three replicas before and two of three after must have acknowledged', () => {
    const needs = barrierNeeds(changeOf(ring, joined));
    // e takes over from d in (0,10], from a in (10,15], and from c in (30,0].
    expect(needs.groups.map(({ replicas, needed }) => [replicas.join(''), needed])).toEqual([
      ['abc', 2],
      ['abe', 2],
      ['bcd', 2],
      ['bce', 2],
      ['acd', 2],
      ['cde', 2],
    ]);
    expect(needs.hosts).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(barrierReached(needs, new Set(['a', 'c', 'e', 'b']))).toBe(true);
    expect(barrierReached(needs, new Set(['a', 'b', 'd']))).toBe(false);
  });

  it('names who is missing where the living are too few', () => {
    const needs = barrierNeeds(changeOf(ring, joined));
    expect(barrierPossible(needs, new Set(['b', 'c', 'd', 'e']))).toMatchObject({ possible: true, missing: [] });
    const verdict = barrierPossible(needs, new Set(['c', 'd', 'e']));
    expect(verdict).toMatchObject({ possible: false, missing: ['a', 'b'] });
    expect(verdict.shortfalls.map(({ replicas, keyspace }) => [replicas.join(''), keyspace])).toEqual([
      ['abc', 'users'],
      ['abe', 'users'],
    ]);
  });

  it('needs nobody where no keyspace is replicated, or no replica changes', () => {
    const none = barrierNeeds(changeOf(ring, joined, 3, { keyspaces: new Map() }));
    expect(none).toEqual({ groups: [], hosts: [] });
    expect(barrierNeeds(changeOf(ring, ring)).groups).toEqual([]);
    expect(barrierReached(none, new Set())).toBe(true);
    expect(barrierPossible(none, new Set()).possible).toBe(true);
  });

  it('a dead host that is removed is not waited for while two others of each range live; with one replica nothing goes on', () => {
    const rest = ring.slice(1);
    const alive = new Set(hostIds(rest));
    expect(barrierPossible(barrierNeeds(changeOf(ring, rest)), alive).possible).toBe(true);
    expect(barrierPossible(barrierNeeds(changeOf(ring, rest, 1)), alive)).toMatchObject({ missing: ['a'] });
  });

  it('covers a keyspace whose replication changes while the owners stay', () => {
    const alter = { keyspace: 'users', replication: { class: 'SimpleStrategy', replication_factor: '4' } };
    const needs = barrierNeeds(changeOf(ring, ring, 3, { alter }));
    expect(needs.groups).toHaveLength(5);
    expect(needs.groups.every(({ needed }) => needed === 2)).toBe(true);
  });

  it('once reached, no route of the step before finds a quorum that has not acknowledged, for any key of any ring', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), fc.boolean(), (seed, factor, joins) => {
        const random = new SeededRandom(seed);
        const more = randomRing(6, 3, random, () => ({ datacenter: 'dc1', rack: 'r' }));
        const [natural, future] = joins ? [more.slice(1), more] : [more, more.slice(1)];
        const needs = barrierNeeds(changeOf(natural, future, factor));
        const acknowledged = new Set(hostIds(more).filter(() => random.fraction() < 0.6));
        if (!barrierReached(needs, acknowledged)) return;
        const keyspaces = new Map([['users', { class: 'SimpleStrategy', replication_factor: String(factor) }]]);
        const routerOf = (owners: readonly RingMember[]) =>
          new Router({
            natural: owners,
            change: null,
            epoch: 1,
            ringFingerprint: 'f',
            keyspaces,
            knownDatacenters: [],
          });
        const router = routerOf(natural);
        const after = routerOf(future);
        for (const key of carriedKeys().slice(0, 40)) {
          const old = router.route(key, 'users');
          const affected = [...hostIds(after.replicasOf(key, 'users'))].sort().join();
          if (affected === hostIds(old.replicas).sort().join()) continue;
          const refusing = old.replicas.filter(({ hostId }) => acknowledged.has(hostId)).length;
          expect(old.replicas.length - refusing).toBeLessThan(old.requiredReads);
        }
      }),
      { numRuns: 100 },
    );
  });
});
