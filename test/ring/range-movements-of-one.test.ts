import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostId } from '../../src/base/id.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { rangeMovements } from '../../src/ring/range-movements.ts';
import { changeBetween, randomRing, simpleStrategy } from './rings.ts';

const moving = { operationId: 'op', kind: 'alterReplication' as const, stepEpoch: 4 };
const without =
  (...dead: HostId[]) =>
  (hostId: HostId) =>
    !dead.includes(hostId);

describe('rangeMovements of one host', () => {
  it('asked for one host, it names the movements of that host as it does among all; who must live is what one more death shows', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (seed, factor, altered) => {
        const random = new SeededRandom(seed);
        const owners = randomRing(3 + random.below(6), 1 + random.below(4), random, () => ({
          datacenter: `dc${random.below(2)}`,
          rack: 'r',
        }));
        const alter = { keyspace: 'users', replication: { class: 'SimpleStrategy', replication_factor: `${altered}` } };
        const future = random.below(2) === 0 ? owners : owners.slice(1);
        const change = changeBetween(owners, future, simpleStrategy(factor), { alter });
        const dead = random.below(2) === 0 ? [] : [owners[random.below(owners.length)]!.hostId];
        const all = rangeMovements(change, moving, without(...dead));
        for (const { hostId } of owners) {
          const own = rangeMovements(change, moving, without(...dead), hostId).movements;
          const takesPart = all.movements.filter(({ sources, targets }) => [...sources, ...targets].includes(hostId));
          expect(own).toEqual(expect.arrayContaining(takesPart));
          expect(all.movements).toEqual(expect.arrayContaining([...own]));
          if (dead.includes(hostId)) continue;
          const after = rangeMovements(change, moving, without(...dead, hostId));
          const breaks =
            after.deadTargets.length > all.deadTargets.length || after.unavailable.length > all.unavailable.length;
          if (all.unavailable.length === 0) expect(all.neededAlive.includes(hostId)).toBe(breaks);
        }
      }),
      { numRuns: 100 },
    );
  });
});
