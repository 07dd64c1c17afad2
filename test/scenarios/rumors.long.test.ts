import { describe, expect, it } from 'vitest';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { percentile } from '../../src/sim/percentile.ts';
import { SpreadWatch } from '../../src/sim/spread-watch.ts';
import { World } from '../../src/sim/world.ts';

const swim = { detector: 'swim' } as const;

/** Spreads changes one after the other in worlds of these seeds, each until everybody knows it. */
function spread(size: number, seeds: readonly number[], changes: number, lossRatio: number) {
  const delaysMs: number[] = [];
  let sends = 0;
  for (const seed of seeds) {
    const world = new World(seed, { lossRatio });
    const nodes = convergedCluster(world, size, swim);
    world.run(20_000);
    const watch = new SpreadWatch(world);
    for (let change = 0; change < changes; change++) {
      watch.change(nodes[(change * 37 + seed) % size]!, 'x:colour', `blue ${change}`);
      world.run(3_000);
      world.runUntil(() => watch.settled, 30_000);
    }
    for (const each of watch.spreads) {
      delaysMs.push(...each.delaysMs);
      sends += each.sends / size / changes / seeds.length;
    }
  }
  delaysMs.sort((left, right) => left - right);
  expect(delaysMs.length).toBe(seeds.length * changes * (size - 1));
  return { p99Ms: percentile(delaysMs, 0.99)!, maxMs: delaysMs.at(-1)!, sends };
}

describe('rumors among many', () => {
  it.each([
    { size: 100, seeds: [1, 2, 3, 4, 5], changes: 10, lossRatio: 0, p99Ms: 180, maxMs: 1_050, sends: 8.05 },
    { size: 100, seeds: [1, 2, 3, 4, 5], changes: 10, lossRatio: 0.05, p99Ms: 200, maxMs: 3_000, sends: 8.05 },
    { size: 1_000, seeds: [1], changes: 5, lossRatio: 0, p99Ms: 220, maxMs: 1_500, sends: 9.05 },
    { size: 1_000, seeds: [2], changes: 5, lossRatio: 0.05, p99Ms: 240, maxMs: 3_000, sends: 9.05 },
  ])('$size nodes at $lossRatio loss: 99 of 100 within $p99Ms ms, all within $maxMs ms', (cell) => {
    const found = spread(cell.size, cell.seeds, cell.changes, cell.lossRatio);
    expect(found.p99Ms).toBeLessThanOrEqual(cell.p99Ms);
    expect(found.maxMs).toBeLessThanOrEqual(cell.maxMs);
    expect(found.sends).toBeLessThanOrEqual(cell.sends);
  });

  it.each([100, 1_000])('%i idle nodes send at most 220 bytes a second each', (size) => {
    const world = new World(3);
    const traffic = world.measure();
    convergedCluster(world, size, swim);
    world.run(20_000);
    const before = traffic.totalBytes();
    world.run(180_000);
    expect((traffic.totalBytes() - before) / size / 180).toBeLessThanOrEqual(220);
  });
});
