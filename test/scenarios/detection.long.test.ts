import { describe, expect, it } from 'vitest';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { minuteMs, secondMs } from '../../src/base/time.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { type Death, DeathWatch } from '../../src/sim/death-watch.ts';
import { percentile } from '../../src/sim/percentile.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

interface Course {
  readonly world: World;
  readonly nodes: readonly SimulatedNode[];
  readonly deaths: DeathWatch;
}

function settled(seed: number, size = 100, lossRatio = 0): Course {
  const world = new World(seed, { lossRatio });
  const nodes = convergedCluster(world, size, { detector: 'swim' });
  // A node that has just started may tell more than later.
  world.run(35 * secondMs);
  return { world, nodes, deaths: new DeathWatch(world) };
}

/** Times in ms; who was never found stands behind all who were. */
const figure = (deaths: readonly Death[], of: 'firstMs' | 'allMs', share: number): number =>
  percentile(
    deaths.map((death) => death[of] ?? Number.POSITIVE_INFINITY),
    share,
  )!;

/** Crashes nodes one after the other, each apart from any other; nobody else may be held for dead. */
function crashApart({ world, nodes, deaths }: Course, crashes: number): readonly Death[] {
  const random = new SeededRandom(world.seed);
  for (const node of shuffle([...nodes], random).slice(0, crashes)) {
    deaths.crash(node);
    world.runUntil(() => deaths.settled, 30 * secondMs);
    // Long enough for everybody to probe at the usual pace again.
    world.run(5 * secondMs + random.below(secondMs));
  }
  expect([world.seed, deaths.falsePositives]).toEqual([world.seed, 0]);
  return deaths.deaths;
}

function crashTogether({ world, nodes, deaths }: Course): readonly Death[] {
  const crashed = shuffle([...nodes], new SeededRandom(world.seed)).slice(0, nodes.length / 20);
  for (const node of crashed) deaths.crash(node);
  world.runUntil(() => deaths.settled, 30 * secondMs);
  expect([world.seed, deaths.falsePositives]).toEqual([world.seed, 0]);
  return deaths.deaths;
}

const seedsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

describe('figures of swim', () => {
  it('crash of one of 100: first dead in the median ≤ 3 s, dead at all in the 99th percentile ≤ 7 s', () => {
    const deaths = seedsFrom(1, 20).flatMap((seed) => crashApart(settled(seed), 15));
    expect(deaths).toHaveLength(300);
    const found = { firstP50: figure(deaths, 'firstMs', 0.5), allP99: figure(deaths, 'allMs', 0.99) };
    console.log(found);
    expect(found.firstP50).toBeLessThanOrEqual(3 * secondMs);
    expect(found.allP99).toBeLessThanOrEqual(7 * secondMs);
    // Whoever was to be probed next: all know soon after the first.
    for (const { firstMs, allMs } of deaths) expect(allMs! - firstMs!).toBeLessThan(secondMs);
  });

  it('crash of one of 100 whose clocks are minutes apart: chance decides who is probed, and all are found', () => {
    const deaths = seedsFrom(21, 20).flatMap((seed) => {
      const course = settled(seed);
      const random = new SeededRandom(seed);
      for (const node of course.nodes) node.clockSkewMs = random.below(3 * minuteMs);
      return crashApart(course, 15);
    });
    const found = { firstP50: figure(deaths, 'firstMs', 0.5), allP99: figure(deaths, 'allMs', 0.99) };
    console.log(found);
    expect(found.firstP50).toBeLessThanOrEqual(3.5 * secondMs);
    expect(found.allP99).toBeLessThanOrEqual(7.5 * secondMs);
  });

  it.each([
    { size: 100, seeds: 20, lossRatio: 0 },
    { size: 100, seeds: 8, lossRatio: 0.05 },
    { size: 1_000, seeds: 1, lossRatio: 0 },
    { size: 1_000, seeds: 1, lossRatio: 0.05 },
  ])('crash of 5 % of $size at once, at $lossRatio loss: all dead at all in the 99th percentile ≤ 9 s', (cell) => {
    const deaths = seedsFrom(100, cell.seeds).flatMap((seed) =>
      crashTogether(settled(seed, cell.size, cell.lossRatio)),
    );
    const found = { ...cell, allP99: figure(deaths, 'allMs', 0.99) };
    console.log(found);
    expect(found.allP99).toBeLessThanOrEqual(9 * secondMs);
  });

  it.each([
    { size: 100, minutes: 10, lossRatio: 0.2, streams: true },
    { size: 100, minutes: 10, lossRatio: 0.2, streams: false },
    { size: 1_000, minutes: 2, lossRatio: 0.2, streams: false },
  ])(
    'at $lossRatio loss, streams $streams, none of $size is held for dead in $minutes minutes, for four times the bytes',
    ({ size, minutes, ...network }) => {
      const { world, nodes, deaths } = settled(7, size);
      const traffic = world.measure();
      const before = traffic.totalBytes();
      world.network.change(network);
      world.run(minutes * minuteMs);
      expect(deaths.falsePositives).toBe(0);
      const bytesPerSecond = (traffic.totalBytes() - before) / nodes.length / (minutes * 60);
      console.log({ size, ...network, bytesPerSecond });
      expect(bytesPerSecond).toBeLessThanOrEqual(4 * 220);
    },
  );

  it('a node that stalls once for 2 s is not held for dead, wherever in the period it stalls', () => {
    for (const seed of seedsFrom(1, 10)) {
      const { world, nodes, deaths } = settled(seed);
      for (const node of nodes.slice(0, 10)) {
        world.stall(node, 2 * secondMs);
        world.run(7 * secondMs + 37 * seed);
      }
      expect([seed, deaths.falsePositives]).toEqual([seed, 0]);
    }
  });

  it('a node that stalls for 5 s every 10 s kills no healthy one', () => {
    for (const seed of seedsFrom(9, 10)) {
      const { world, nodes, deaths } = settled(seed);
      const staller = nodes[seed]!;
      for (let round = 0; round < 12; round++) {
        world.stall(staller, 5 * secondMs);
        world.run(10 * secondMs + 41);
      }
      expect([seed, [...deaths.falselyDead].filter((node) => node !== staller)]).toEqual([seed, []]);
    }
  });
});
