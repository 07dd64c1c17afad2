import { describe, expect, it } from 'vitest';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { minuteMs, secondMs } from '../../src/base/time.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { type Death, DeathWatch } from '../../src/sim/death-watch.ts';
import { percentile } from '../../src/sim/percentile.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

const size = 100;

interface Course {
  readonly world: World;
  readonly nodes: readonly SimulatedNode[];
  readonly deaths: DeathWatch;
}

function settled(seed: number): Course {
  const world = new World(seed);
  const nodes = convergedCluster(world, size, { detector: 'swim' });
  world.run(20 * secondMs);
  return { world, nodes, deaths: new DeathWatch(world) };
}

/** Times in ms; who was never found stands behind all who were. */
const figure = (deaths: readonly Death[], of: 'firstMs' | 'allMs', share: number): number =>
  percentile(
    deaths.map((death) => death[of] ?? Number.POSITIVE_INFINITY),
    share,
  )!;

describe('figures of swim at 100 nodes', () => {
  it('crash of one, apart from any other: first dead in the median ≤ 3 s, dead at all in the 99th percentile ≤ 7 s', () => {
    const deaths = Array.from({ length: 20 }, (_, seed) => {
      const course = settled(seed + 1);
      const random = new SeededRandom(seed);
      for (const node of shuffle([...course.nodes], random).slice(0, 15)) {
        course.deaths.crash(node);
        course.world.runUntil(() => course.deaths.settled, 30 * secondMs);
        // Long enough for everybody to probe at the usual pace again.
        course.world.run(8 * secondMs + random.below(secondMs));
      }
      expect(course.deaths.falsePositives).toBe(0);
      return course.deaths.deaths;
    }).flat();
    expect(deaths).toHaveLength(300);
    const found = { firstP50: figure(deaths, 'firstMs', 0.5), allP99: figure(deaths, 'allMs', 0.99) };
    console.log(found);
    expect(found.firstP50).toBeLessThanOrEqual(3 * secondMs);
    // Of 300 a true 99th percentile of 7 s leaves 3 beyond it; more than 8 are chance in one run of 250.
    const late = deaths.filter(({ allMs }) => allMs === null || allMs > 7 * secondMs);
    expect(late.length).toBeLessThanOrEqual(8);
    // What the detector itself answers for, whoever was to be probed next: all know within half a second of the first.
    expect(figure(deaths, 'allMs', 1) - figure(deaths, 'firstMs', 1)).toBeLessThan(secondMs / 2);
  });

  it('crash of 5 % at once: all dead at all in the 99th percentile ≤ 9 s', () => {
    const deaths = Array.from({ length: 20 }, (_, seed) => {
      const course = settled(seed + 100);
      for (const node of shuffle([...course.nodes], new SeededRandom(seed)).slice(0, size / 20))
        course.deaths.crash(node);
      course.world.runUntil(() => course.deaths.settled, 30 * secondMs);
      return course.deaths.deaths;
    }).flat();
    const allP99 = figure(deaths, 'allMs', 0.99);
    console.log({ allP99 });
    expect(allP99).toBeLessThanOrEqual(9 * secondMs);
  });

  it.each([
    { lossRatio: 0.2, streams: true },
    { lossRatio: 0.2, streams: false },
  ])('no live node is held for dead in ten minutes at $lossRatio loss, streams $streams', ({ lossRatio, streams }) => {
    for (const seed of [7, 8, 9]) {
      const { world, deaths } = settled(seed);
      world.network.change({ lossRatio, streams });
      world.run(10 * minuteMs);
      expect([seed, deaths.falsePositives]).toEqual([seed, 0]);
    }
  });

  it('a node that stalls once for 2 s is not held for dead, wherever in the period it stalls', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { world, nodes, deaths } = settled(seed);
      for (const node of nodes.slice(0, 10)) {
        world.stall(node, 2 * secondMs);
        world.run(7 * secondMs + 37 * seed);
      }
      expect([seed, deaths.falsePositives]).toEqual([seed, 0]);
    }
  });

  it('a node that stalls for 5 s every 10 s kills no healthy one', () => {
    const { world, nodes, deaths } = settled(9);
    for (let round = 0; round < 30; round++) {
      world.stall(nodes[0]!, 5 * secondMs);
      world.run(10 * secondMs);
    }
    expect([...deaths.falselyDead].filter((node) => node !== nodes[0])).toEqual([]);
  });
});
