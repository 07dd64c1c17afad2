import { SeededRandom } from '../../src/base/random.ts';
import { minuteMs } from '../../src/base/time.ts';
import { bulkIntervalMs } from '../../src/node/anti-entropy.ts';
import { World } from '../../src/sim/world.ts';
import { bytesSent } from './bytes-sent.ts';
import type { Figure } from './figures-page.ts';
import { bySize, mean, type Part, samplesText } from './part.ts';
import { restingCluster } from './resting-cluster.ts';

/** Bytes a second and node. */
interface LoadSample {
  readonly idleBytes: number;
  readonly loadBytes: number;
}

/** Every node's LOAD moves once in so long. */
const moveEveryMs = 10 * minuteMs;

/**
 * What it costs that LOAD moves all the time. Two nodes compare their bulk keys the dearer the longer they have not, so
 * it is measured once everybody has done so while LOAD moved: at 10,000 nodes that is after a quarter of an hour.
 */
export function movingLoad(nodes: number, quick: boolean): Part<LoadSample> {
  const warmMs = quick ? minuteMs / 2 : 1.1 * bulkIntervalMs(nodes);
  const measuredMs = quick ? minuteMs / 2 : 3 * minuteMs;
  return {
    name: 'moving load',
    nodes,
    seeds: quick ? 1 : bySize(nodes, 20, 20, 1),
    run: (seed) => {
      const world = new World(seed);
      const traffic = world.measure();
      const members = restingCluster(world, nodes);
      const random = new SeededRandom(seed);
      let moved = 0;
      const move = (forMs: number): void => {
        const times = Math.round((nodes * forMs) / moveEveryMs);
        for (let time = 0; time < times; time++) {
          members[moved++ % nodes]!.command({ kind: 'setLoad', bytes: 1_000_000_000 + random.below(100_000_000) });
          world.run(forMs / times);
        }
      };
      const idleBytes = bytesSent(world, traffic, () => world.run(measuredMs));
      move(warmMs);
      return { idleBytes, loadBytes: bytesSent(world, traffic, () => move(measuredMs)) };
    },
    figures: (samples) => [figureOf(nodes, samples)],
  };
}

function figureOf(nodes: number, samples: readonly LoadSample[]): Figure {
  const times = mean(samples.map(({ loadBytes }) => loadBytes)) / mean(samples.map(({ idleBytes }) => idleBytes));
  const goal = bySize(nodes, 2, 2, 4);
  return {
    nodes,
    topic: 'traffic',
    figure: "traffic while every node's LOAD moves each 10 minutes",
    goal: `≤ ${goal} × idle`,
    measured: `${times.toFixed(1)} ×`,
    met: times <= goal,
    samples: samplesText(samples.length),
  };
}
