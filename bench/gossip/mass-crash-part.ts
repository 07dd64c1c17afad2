import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { secondMs } from '../../src/base/time.ts';
import { type Death, DeathWatch } from '../../src/sim/death-watch.ts';
import { World } from '../../src/sim/world.ts';
import { afterCrashes } from './crash-figures.ts';
import { crashRound } from './crash-round.ts';
import type { Figure } from './figures-page.ts';
import { LivenessLedger, restMs } from './liveness-ledger.ts';
import { bySize, inSeconds, type Part, samplesText, within } from './part.ts';
import { restingCluster } from './resting-cluster.ts';
import { openPercentile } from './spread-sample.ts';
import { peers } from './theory.ts';

const share = 0.05;

interface MassCrashSample {
  readonly deaths: readonly Death[];
  /** Live nodes held for dead, counted once for each who did. */
  readonly falsePositives: number;
  /** Nodes whose ring and liveness views are right 5 s after the deaths are known to all, at worst. */
  readonly agreeingShare: number;
}

/** 5 % of the nodes crash at the same moment: a rack, or its switch. Worlds of their own, for they fill the memory. */
export function massCrash(nodes: number, quick: boolean): Part<MassCrashSample> {
  return {
    name: 'mass crash',
    nodes,
    seeds: quick ? 1 : bySize(nodes, 20, 6, 1),
    // Five of a hundred: three times that many make three hundred crashes in twenty worlds.
    run: (seed) => runMassCrash(nodes, seed, quick ? 1 : bySize(nodes, 3, 1, 1)),
    figures: (samples) => figuresOf(nodes, samples),
  };
}

function runMassCrash(size: number, seed: number, times: number): MassCrashSample {
  const random = new SeededRandom(seed ^ 0x3a55);
  const world = new World(seed);
  const nodes = restingCluster(world, size);
  const ledger = new LivenessLedger(world);
  const watch = new DeathWatch(world);
  const victims = shuffle([...nodes], random);
  let agreeingShare = 1;
  for (let time = 0; time < times; time++) {
    const many = victims.splice(0, Math.max(1, Math.round(size * share)));
    agreeingShare = Math.min(agreeingShare, crashRound(world, watch, ledger, many));
    world.run(restMs + random.below(secondMs));
  }
  return { deaths: watch.deaths, falsePositives: watch.falsePositives, agreeingShare };
}

function figuresOf(nodes: number, samples: readonly MassCrashSample[]): Figure[] {
  const deaths = samples.flatMap((sample) => sample.deaths);
  const allMs = openPercentile(
    deaths.map((death) => death.allMs),
    0.99,
  );
  const goalMs = bySize(nodes, 9_000, 9_000, 10_000);
  const on = { nodes, topic: 'crashes', samples: samplesText(samples.length) } as const;
  return [
    {
      ...on,
      figure: 'crash of 5 % at once: all dead at all, p99',
      goal: `≤ ${goalMs / secondMs} s`,
      measured: inSeconds(allMs),
      met: within(allMs, goalMs),
      samples: samplesText(samples.length, deaths.length),
      theory: 'probes alone reach the last of 50 (500) at p99 after 9.0 (11.1) s',
      peers: peers.crashMany,
    },
    ...afterCrashes(on, samples, {
      falsely: 'crash of 5 % at once: live nodes held for dead meanwhile',
      agreeing: 'crash of 5 % at once: 5 s after it is known to all, nodes with equal ring and right liveness',
    }),
  ];
}
