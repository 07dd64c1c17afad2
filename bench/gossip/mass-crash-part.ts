import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { secondMs } from '../../src/base/time.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { type Death, DeathWatch } from '../../src/sim/death-watch.ts';
import { World } from '../../src/sim/world.ts';
import type { Figure } from './figures-page.ts';
import { LivenessLedger, restMs } from './liveness-ledger.ts';
import { bySize, inSeconds, type Part, samplesText, total, within } from './part.ts';
import { openPercentile } from './spread-sample.ts';
import { peers } from './theory.ts';

const settleMs = 20 * secondMs;
const patienceMs = 60 * secondMs;
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
  const nodes = convergedCluster(world, size, { detector: 'swim' });
  // Nobody starts again.
  for (const node of nodes) node.keepsDisk = false;
  world.run(settleMs);
  const ledger = new LivenessLedger(world);
  const watch = new DeathWatch(world);
  const victims = shuffle([...nodes], random);
  let agreeingShare = 1;
  for (let time = 0; time < times; time++) {
    for (const victim of victims.splice(0, Math.max(1, Math.round(size * share)))) watch.crash(victim);
    world.runUntil(() => watch.settled, patienceMs);
    world.run(5 * secondMs);
    agreeingShare = Math.min(agreeingShare, ledger.agreeingShare());
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
  const falsely = total(samples.map(({ falsePositives }) => falsePositives));
  const agreeing = Math.min(...samples.map((sample) => sample.agreeingShare));
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
    {
      ...on,
      figure: 'crash of 5 % at once: live nodes held for dead meanwhile',
      goal: '0',
      measured: String(falsely),
      met: falsely === 0,
    },
    {
      ...on,
      figure: 'crash of 5 % at once: 5 s after it is known to all, nodes with equal ring and right liveness',
      goal: '100 %',
      measured: `${(100 * agreeing).toFixed(1)} %`,
      met: agreeing === 1,
    },
  ];
}
