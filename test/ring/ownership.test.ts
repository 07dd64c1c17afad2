import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { describeRanges, effectiveOwnership, rawOwnership } from '../../src/ring/ownership.ts';
import { ReplicaTable } from '../../src/ring/replica-table.ts';
import { parseReplication } from '../../src/ring/replication-strategy.ts';
import { TokenMap } from '../../src/ring/token-map.ts';
import { maxToken, minToken } from '../../src/token/token.ts';
import { rangeContains } from '../../src/token/token-range.ts';
import { hostIds, member, randomRing } from './rings.ts';

const sum = (shares: Iterable<number>) => [...shares].reduce((total, share) => total + share, 0);

describe('ownership', () => {
  it('T02 raw shares sum to 1 whatever the ring; one host owns all; an empty ring nothing', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), (seed, hosts) => {
        const members = randomRing(hosts, 4, new SeededRandom(seed), () => ({ datacenter: 'dc1', rack: 'rack1' }));
        expect(sum(rawOwnership(TokenMap.of(members, 1)).values())).toBeCloseTo(1, 12);
      }),
      { numRuns: 50 },
    );
    expect(rawOwnership(TokenMap.of([member('a', [5n]), member('b', [])], 1))).toEqual(
      new Map([
        ['a', 1],
        ['b', 0],
      ]),
    );
    expect(rawOwnership(TokenMap.of([member('b', [])], 1))).toEqual(new Map([['b', 0]]));
  });

  it('is what a host is primary for, not how many tokens it has', () => {
    const map = TokenMap.of([member('a', [-(2n ** 62n), 0n]), member('b', [2n ** 62n])], 1);
    expect(rawOwnership(map).get('a')).toBeCloseTo(0.75, 12);
    expect(rawOwnership(map).get('b')).toBeCloseTo(0.25, 12);
  });

  it('effective shares sum to the replication factor in each datacenter, or to its hosts where they are fewer', () => {
    const members = randomRing(9, 8, new SeededRandom(3), (index) => ({
      datacenter: index < 5 ? 'dc1' : index < 7 ? 'dc2' : 'dc3',
      rack: `rack${index % 2}`,
    }));
    const map = TokenMap.of(members, 1);
    const options = { class: 'NetworkTopologyStrategy', dc1: 3, dc2: 5 };
    const shares = effectiveOwnership(new ReplicaTable(map, parseReplication(options, null)));
    const inDatacenter = (name: string) =>
      sum(members.filter(({ datacenter }) => datacenter === name).map(({ hostId }) => shares.get(hostId)!));
    expect(inDatacenter('dc1')).toBeCloseTo(3, 12);
    expect(inDatacenter('dc2')).toBeCloseTo(2, 12);
    expect(inDatacenter('dc3')).toBe(0);
    expect([...shares.values()].every((share) => share <= 1 + 1e-12)).toBe(true);
  });

  it('describes ranges that cover every token once, each with the replicas that the table has', () => {
    const members = randomRing(5, 4, new SeededRandom(4), () => ({ datacenter: 'dc1', rack: 'rack1' }));
    const table = new ReplicaTable(
      TokenMap.of(members, 1),
      parseReplication({ class: 'SimpleStrategy', replication_factor: 2 }, null),
    );
    const ranges = describeRanges(table);
    expect(ranges).toHaveLength(20);
    for (const token of [minToken + 1n, -5n, 0n, maxToken, table.map.tokenAt(3), table.map.tokenAt(3) + 1n]) {
      const holding = ranges.filter(({ range }) => rangeContains(range, token));
      expect(holding).toHaveLength(1);
      expect(hostIds(holding[0]!.replicas)).toEqual(hostIds(table.at(table.map.indexForToken(token))));
    }
  });
});
