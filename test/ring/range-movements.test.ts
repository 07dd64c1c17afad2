import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { futureOwners, type RingOperation } from '../../src/ring/future-owners.ts';
import { keyAccess } from '../../src/ring/key-access.ts';
import { meetingEveryQuorum } from '../../src/ring/quorum.ts';
import { rangeMovements } from '../../src/ring/range-movements.ts';
import { transfersOf } from '../../src/ring/range-transfer.ts';
import type { RingChangeSource } from '../../src/ring/ring-change.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';
import { rangeContains, rangeShare } from '../../src/token/token-range.ts';
import { changeBetween, hostIds, member, randomRing, simpleStrategy } from './rings.ts';

const changeOf = (
  natural: readonly RingMember[],
  future: readonly RingMember[],
  factor = 3,
  rest: Partial<RingChangeSource> = {},
) => changeBetween(natural, future, simpleStrategy(factor), rest);
const moving = { operationId: 'op', kind: 'bootstrap' as const, stepEpoch: 4 };
const everybody = () => true;
const without =
  (...dead: string[]) =>
  (hostId: string) =>
    !dead.includes(hostId);
const text = (movements: ReturnType<typeof rangeMovements>['movements']) =>
  movements.map(
    ({ sources, targets, ranges }) =>
      `${sources.join('+')}→${targets} ${ranges.map(({ left, right }) => `(${left},${right}]`).join('')}`,
  );
const abcd = [member('a', [0n]), member('b', [10n]), member('c', [20n]), member('d', [30n])];

describe('rangeMovements', () => {
  it.each([1, 3, 5, 10, 100])(
    'B01 sources: a joiner with one token among %i nodes is sent exactly RF ranges, none from itself',
    (nodes) => {
      for (const factor of [1, 2, 3, 5].filter((each) => each <= nodes)) {
        for (const seed of [1, 2, 3]) {
          const [joiner, ...owners] = randomRing(nodes + 1, 1, new SeededRandom(seed), () => ({
            datacenter: 'dc1',
            rack: 'r',
          }));
          const { movements, unavailable } = rangeMovements(
            changeOf(owners, [joiner!, ...owners], factor),
            moving,
            everybody,
          );
          expect(movements.flatMap(({ ranges }) => ranges)).toHaveLength(factor);
          expect(unavailable).toEqual([]);
          for (const { sources, targets } of movements) {
            expect(targets).toEqual([joiner!.hostId]);
            expect(sources).toHaveLength(1);
            expect(sources).not.toContain(joiner!.hostId);
          }
        }
      }
    },
  );

  it('B03 strict source down: with one replica the joiner is refused and the dead source named; with two the survivor has all', () => {
    const [a, b, c] = [member('a', [0n]), member('b', [20n]), member('c', [10n])];
    // c takes (0,10] from b.
    const one = rangeMovements(changeOf([a, b], [a, b, c], 1), moving, without('b'));
    expect(one.unavailable).toEqual([
      { keyspace: 'users', ranges: [{ left: 0n, right: 10n }], target: 'c', needed: 1, living: [], dead: ['b'] },
    ]);
    // Forced: what nobody living holds is not moved.
    expect(one.movements).toEqual([]);
    const two = rangeMovements(changeOf([a, b], [a, b, c], 2), moving, without('b'));
    expect(two.unavailable).toEqual([]);
    expect(two.movements.every(({ sources }) => sources.join() === 'a')).toBe(true);
  });

  it('a leaver hands each of its ranges to the one host that becomes a replica for it', () => {
    const { movements } = rangeMovements(
      changeOf(abcd, abcd.slice(1), 2),
      { ...moving, kind: 'decommission' },
      everybody,
    );
    expect(text(movements)).toEqual(['a→c (30,0]', 'a→b (20,30]']);
    expect(movements[0]).toMatchObject({ operationId: 'op', operation: 'decommission', keyspace: 'users', epoch: 4 });
  });

  it('in place of a dead replica two of three others are read and merged; one alone is too few, and named', () => {
    const removal = { ...moving, kind: 'removenode' as const };
    const change = changeOf(abcd, abcd.slice(1));
    expect(text(rangeMovements(change, removal, without('a')).movements)).toEqual([
      'b+c→d (30,0]',
      'c+d→b (10,20]',
      'd+b→c (20,30]',
    ]);
    const { unavailable, movements, deadTargets } = rangeMovements(change, removal, without('a', 'd'));
    expect(unavailable.map(({ target, living, dead, needed }) => [target, living, dead, needed])).toEqual([
      ['b', ['c'], ['a', 'd'], 2],
      ['c', ['b'], ['a', 'd'], 2],
    ]);
    expect(deadTargets).toEqual(['d']);
    expect(text(movements)).toEqual(['b+c→d (30,0]', 'c→b (10,20]', 'b→c (20,30]']);
  });

  it('names a movement alike whoever lives, and otherwise when its ranges are others', () => {
    const change = changeOf(abcd, abcd.slice(1));
    const ids = (isAlive: (hostId: string) => boolean, of = change) =>
      rangeMovements(of, moving, isAlive).movements.map(({ id }) => id);
    expect(ids(without('a'))).toEqual(ids(everybody));
    expect(new Set(ids(everybody)).size).toBe(3);
    expect(ids(everybody, changeOf(abcd, abcd.slice(1), 2))).not.toEqual(expect.arrayContaining(ids(everybody)));
    expect(rangeMovements(change, { ...moving, operationId: 'other' }, everybody).movements[0]!.id).not.toBe(
      ids(everybody)[0],
    );
  });

  it('names a movement of the same ranges otherwise when another replica loses them: two copies of one could be a quorum', () => {
    const [e, f, g] = [member('e', [4n]), member('f', [5n]), member('g', [6n])];
    const toF = (joiners: readonly RingMember[]) =>
      rangeMovements(changeOf(abcd, [...abcd, ...joiners]), moving, everybody).movements.filter(
        ({ targets, ranges }) => targets.includes('f') && ranges.some(({ left }) => left === 30n),
      );
    const [all, withoutE] = [toF([e, f, g]), toF([f, g])];
    expect([text(all), text(withoutE)]).toEqual([['c→f (30,0]'], ['b→f (30,0]']]);
    expect(all[0]!.id).not.toBe(withoutE[0]!.id);
  });

  it('R01 what a replacing node is sent is exactly what the replaced one had', () => {
    const joined = futureOwners([...abcd, member('e', [10n])], {
      kind: 'replace',
      subjects: [],
      replaces: 'b',
      alter: null,
    });
    const { movements } = rangeMovements(changeOf(abcd, joined), { ...moving, kind: 'replace' }, without('b'));
    expect(text(movements)).toEqual(['a+c→e (30,0]', 'c+d→e (0,10]', 'd+a→e (20,30]']);
  });

  it('with more replicas the new ones merge two of the old; with one left of three it merges what it may have missed', () => {
    const alter = (factor: number) =>
      changeOf(abcd, abcd, 3, { alter: { keyspace: 'users', replication: simpleStrategy(factor) } });
    const altering = { ...moving, kind: 'alterReplication' as const };
    expect(text(rangeMovements(alter(4), altering, everybody).movements)).toEqual([
      'a+b→d (30,0]',
      'b+c→a (0,10]',
      'c+d→b (10,20]',
      'd+a→c (20,30]',
    ]);
    expect(text(rangeMovements(alter(2), altering, everybody).movements)).toEqual([]);
    expect(text(rangeMovements(alter(1), altering, everybody).movements)).toEqual([
      'b→a (30,0]',
      'c→b (0,10]',
      'd→c (10,20]',
      'a→d (20,30]',
    ]);
  });

  it('a keyspace in an empty datacenter and a ring without keyspaces have nothing to move', () => {
    const joined = [...abcd, member('e', [15n], 'rack1', 'dc2')];
    for (const keyspaces of [new Map([['far', { class: 'NetworkTopologyStrategy', dc2: '1' }]]), new Map()]) {
      expect(rangeMovements(changeOf(abcd, joined, 3, { keyspaces }), moving, everybody).movements).toEqual([]);
    }
  });
});

/** Every set of `size` of `items`. */
function* subsets<T>(items: readonly T[], size: number): Generator<T[]> {
  if (size === 0) yield [];
  else {
    for (const [index, item] of items.entries()) {
      for (const rest of subsets(items.slice(index + 1), size - 1)) yield [item, ...rest];
    }
  }
}

const hosts = [...'abcdefghij'].map((name, index) => member(name, [], 'r', index % 2 === 0 ? 'dc1' : 'dc2'));
const changes = [1, 2, 3, 4, 5].flatMap((natural) =>
  [1, 2, 3, 4, 5].flatMap((future) =>
    Array.from({ length: Math.min(natural, future) + 1 }, (_, kept) => ({
      before: hosts.slice(0, natural),
      after: hosts.slice(natural - kept, natural - kept + future),
    })),
  ),
);

describe('moved data', () => {
  it('carries every quorum write from before begin to every quorum read after switch, whichever enough sources are read', () => {
    const missed: string[] = [];
    for (const { before, after } of changes) {
      const transfers = transfersOf({ before, after });
      const old = keyAccess(before, before, null);
      const next = keyAccess(after, after, null);
      for (const losersDead of [false, true]) {
        for (const written of subsets(before, old.requiredWriteAcks)) {
          const held = new Set(hostIds(written));
          const after2 = new Set(held);
          for (const { target, loser, others, neededOfOthers } of transfers) {
            if (loser !== null && !losersDead) {
              if (held.has(loser.hostId)) after2.add(target.hostId);
              continue;
            }
            if (others.length < neededOfOthers) {
              // Too few others there are at all: without its loser this change is refused.
              after2.add(target.hostId);
              continue;
            }
            const always = [...subsets(others, neededOfOthers)].every((read) =>
              read.some(({ hostId }) => held.has(hostId)),
            );
            if (always) after2.add(target.hostId);
          }
          for (const read of subsets(after, next.requiredReads)) {
            if (!read.some(({ hostId }) => after2.has(hostId))) {
              missed.push(
                `${before.length}→${after.length} kept ${hostIds(before).filter((each) => hostIds(after).includes(each)).length}`,
              );
            }
          }
        }
      }
    }
    expect([...new Set(missed)]).toEqual([]);
  });

  it('two gained replicas never copy the same lost one, and prefer one of their own datacenter', () => {
    for (const { before, after } of changes) {
      const losers = transfersOf({ before, after }).flatMap(({ loser }) => (loser === null ? [] : [loser.hostId]));
      expect(new Set(losers).size).toBe(losers.length);
    }
    const [a, b, c, d] = hosts as [RingMember, RingMember, RingMember, RingMember];
    expect(
      transfersOf({ before: [a, b], after: [d, c] }).map(({ target, loser }) => target.hostId + loser!.hostId),
    ).toEqual(['db', 'ca']);
  });

  it('covers what is gained, and nothing else, in any ring and operation; merged sources are as many as meet every quorum', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('bootstrap', 'decommission', 'move'),
        (seed, factor, kind) => {
          const random = new SeededRandom(seed);
          const all = randomRing(2 + random.below(9), 1 + random.below(4), random, () => ({
            datacenter: 'dc1',
            rack: 'r',
          }));
          const [subject, ...others] = all as [RingMember, ...RingMember[]];
          const tokens = randomTokens(2, random, () => false);
          const operation: RingOperation = {
            kind,
            subjects: [{ hostId: subject.hostId, tokens }],
            replaces: null,
            alter: null,
          };
          const natural = kind === 'bootstrap' ? others : all;
          const future = futureOwners(all, operation);
          const change = changeOf(natural, future, factor);
          const dead = random.below(3) === 0 ? subject.hostId : '';
          const { movements } = rangeMovements(change, { ...moving, kind }, without(dead));
          const { before, after } = change.byKeyspace[0]!;
          const edges = [...natural, ...future].flatMap((each) => each.tokens);
          for (const token of edges.flatMap((edge) => [edge, edge + 1n])) {
            const old = before.at(before.map.indexForToken(token));
            const gained = hostIds(after.at(after.map.indexForToken(token))).filter(
              (hostId) => !hostIds(old).includes(hostId),
            );
            const sent = movements.filter(({ ranges }) => ranges.some((range) => rangeContains(range, token)));
            if (dead === '' || old.length > 1)
              expect(sent.flatMap(({ targets }) => targets).sort()).toEqual(gained.sort());
            for (const { sources } of sent) {
              expect(hostIds(old)).toEqual(expect.arrayContaining([...sources]));
              if (sources.length > 1) expect(sources).toHaveLength(meetingEveryQuorum(old.length));
            }
          }
          const joined = movements.flatMap(({ ranges }) => ranges.map(rangeShare)).reduce((sum, each) => sum + each, 0);
          expect(joined).toBeLessThanOrEqual(factor + 1e-9);
        },
      ),
      { numRuns: 60 },
    );
  });
});
