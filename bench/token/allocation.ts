import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';
import { allocateTokens } from '../../src/token/token-allocator.ts';
import { type Allocate, GrowingRing } from '../../test/token/growing-ring.ts';
import { cassandraAllocation } from './cassandra-allocation.ts';

/**
 * `npm run bench:tokens`: how even the load of a datacenter stays while it grows host by host, shrinks and grows again,
 * by who chooses the tokens. Prints a table: largest load over the mean of its rack.
 */
const hosts = 100;
const leavers = 10;
const draws = 50;
const chance = new SeededRandom(1);
const allocators: readonly (readonly [string, Allocate])[] = [
  ['random', ({ count, isTaken }) => randomTokens(count, chance, isTaken)],
  ["Cassandra's, written again", cassandraAllocation],
  ['murmuring', allocateTokens],
];
const cases = [
  { racks: 1, replicationFactor: 3, count: 16 },
  { racks: 3, replicationFactor: 3, count: 16 },
  { racks: 6, replicationFactor: 3, count: 16 },
  { racks: 1, replicationFactor: 1, count: 16 },
  { racks: 1, replicationFactor: 3, count: 4 },
];

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const shown = (value: number): string => value.toFixed(3);

console.log(
  `| racks | RF | tokens | chosen | 2–24 hosts | 25–${hosts} | ${leavers} left: median | worst of ${draws} | ${leavers} joined again | ms |`,
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const { racks, replicationFactor, count } of cases) {
  for (const [name, allocate] of allocators) {
    const ring = new GrowingRing({ racks, replicationFactor, allocate });
    const loads: number[] = [];
    const tookMs: number[] = [];
    for (let added = 0; added < hosts; added++) {
      const startedMs = performance.now();
      ring.add(count);
      tookMs.push(performance.now() - startedMs);
      loads.push(ring.balance().largestInRack);
    }
    const grown = ring.owners;
    const random = new SeededRandom(1);
    const left: number[] = [];
    const again: number[] = [];
    for (let draw = 0; draw < draws; draw++) {
      ring.owners = [...grown];
      ring.leave(new Set(shuffle([...grown], random).slice(0, leavers)));
      left.push(ring.balance().largestInRack);
      if (draw >= 3) continue;
      for (let joined = 0; joined < leavers; joined++) ring.add(count);
      again.push(ring.balance().largestInRack);
    }
    const cells = [
      racks,
      replicationFactor,
      count,
      name,
      shown(Math.max(...loads.slice(1, 24))),
      shown(Math.max(...loads.slice(24))),
      shown(median(left)),
      shown(Math.max(...left)),
      shown(Math.max(...again)),
      median(tookMs.slice(-20)).toFixed(1),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
