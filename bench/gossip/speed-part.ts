import { minuteMs, secondMs } from '../../src/base/time.ts';
import { World } from '../../src/sim/world.ts';
import type { Figure } from './figures-page.ts';
import { bySize, mean, type Part, samplesText } from './part.ts';
import { restingCluster } from './resting-cluster.ts';

const gibibyte = 2 ** 30;
const mostGibibytes = 6;

interface SpeedSample {
  readonly speedup: number;
  readonly residentBytes: number;
}

/** How fast the simulator is: an idle cluster's virtual time by real time, while nothing else is measured. */
export function speed(nodes: number, quick: boolean): Part<SpeedSample> {
  return {
    name: 'simulator speed',
    nodes,
    seeds: quick ? 1 : bySize(nodes, 3, 3, 2),
    aloneMs: bySize(nodes, 5, 15, 120) * secondMs,
    run: (seed) => {
      const world = new World(seed);
      world.measure();
      restingCluster(world, nodes);
      const idleMs = bySize(nodes, minuteMs, minuteMs, 20 * secondMs);
      const startedMs = performance.now();
      world.run(idleMs);
      return { speedup: idleMs / (performance.now() - startedMs), residentBytes: process.memoryUsage.rss() };
    },
    figures: (samples) => figuresOf(nodes, samples),
  };
}

function figuresOf(nodes: number, samples: readonly SpeedSample[]): Figure[] {
  const goal = bySize(nodes, 30, 30, 2);
  const speedup = mean(samples.map((sample) => sample.speedup));
  const gibibytes = Math.max(...samples.map(({ residentBytes }) => residentBytes)) / gibibyte;
  const on = { nodes, topic: 'simulator', samples: samplesText(samples.length) } as const;
  return [
    {
      ...on,
      figure: 'simulator, idle: times real time',
      goal: `≥ ${goal}`,
      measured: speedup.toFixed(1),
      met: speedup >= goal,
      reason: 'depends on the machine, and on what else runs there',
    },
    {
      ...on,
      figure: 'simulator, idle: memory of the process',
      goal: `≤ ${mostGibibytes} GiB`,
      measured: `${gibibytes.toFixed(1)} GiB`,
      met: gibibytes <= mostGibibytes,
    },
  ];
}
