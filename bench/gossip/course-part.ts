import { minuteMs, secondMs } from '../../src/base/time.ts';
import { type CourseSample, runCourse } from './course.ts';
import type { Figure } from './figures-table.ts';
import { bySize, inMs, inSeconds, mean, type Part, samplesText, total, within } from './part.ts';
import { openPercentile, pooledMs } from './spread-sample.ts';
import {
  memberlistDetectionS,
  memberlistSpreadMs,
  peers,
  phiDetectionS,
  rumorModel,
  rumorModelAtFivePercentLoss,
  swimFirstProbeS,
} from './theory.ts';

/** Everything that one life of a cluster shows. */
export function course(nodes: number, quick: boolean): Part<CourseSample> {
  return {
    name: 'course',
    nodes,
    seeds: quick ? 1 : 20,
    run: (seed) =>
      runCourse({
        nodes,
        seed,
        lossRatio: 0,
        config: { detector: 'swim' },
        idleMs: quick ? minuteMs / 2 : 3 * minuteMs,
        changes: quick ? 5 : 20,
        crashes: quick ? 2 : bySize(nodes, 15, 15, 3),
        // Five of a hundred: three times that many make three hundred crashes in twenty worlds.
        massCrashes: quick ? 1 : bySize(nodes, 3, 1, 1),
      }),
    figures: (samples) => [...spreadFigures(nodes, samples), ...crashFigures(nodes, samples)],
  };
}

function spreadFigures(nodes: number, samples: readonly CourseSample[]): Figure[] {
  const spreads = samples.map(({ spread }) => spread);
  const p99Ms = pooledMs(spreads, 0.99);
  const lastMs = pooledMs(spreads, 1);
  const changes = total(spreads.map((spread) => spread.changes));
  const sends = total(spreads.map((spread) => spread.sends)) / changes / nodes;
  const goals = bySize(nodes, [180, 1_000, 8] as const, [220, 1_500, 9] as const, [260, 3_500, 10] as const);
  const worlds = samplesText(samples.length);
  const stood = `${worlds}, ${changes} changes`;
  const idle = mean(samples.map((sample) => sample.idleBytes));
  const load = mean(samples.map((sample) => sample.loadBytes)) / idle;
  const busy = mean(samples.map((sample) => sample.busyBytes)) / idle;
  const loadGoal = bySize(nodes, 2, 2, 4);
  const speedup = mean(samples.map((sample) => sample.idleSpeedup));
  return [
    {
      nodes,
      figure: 'a state change: known to 99 % of the nodes',
      goal: `≤ ${goals[0]} ms`,
      measured: inMs(p99Ms),
      met: within(p99Ms, goals[0]),
      samples: stood,
      theory: rumorModel[nodes] ?? '',
      peers: peers.spread,
    },
    {
      nodes,
      figure: 'a state change: known to the last node',
      goal: `≤ ${goals[1].toLocaleString('en-US')} ms`,
      measured: inMs(lastMs),
      met: within(lastMs, goals[1]),
      samples: stood,
      theory: `memberlist's schedule: ${Math.round(memberlistSpreadMs(nodes).allMs)} ms`,
      peers: peers.spreadAll,
    },
    {
      nodes,
      figure: 'a state change: sends per node',
      goal: `≤ ${goals[2]}`,
      measured: sends.toFixed(2),
      // The goal is a whole number: sends by probes that went anyway do not break it.
      met: Math.round(sends * 10) / 10 <= goals[2],
      samples: stood,
      theory: '6 + ⌈log10 N⌉',
      peers: peers.sends,
    },
    {
      nodes,
      figure: 'idle traffic, bytes/s sent per node',
      goal: '≤ 220',
      measured: String(Math.round(idle)),
      met: idle <= 220,
      samples: worlds,
      theory: 'SWIM: constant in N',
      peers: peers.idle,
    },
    {
      nodes,
      figure: "traffic while every node's LOAD moves each 10 minutes",
      goal: `≤ ${loadGoal} × idle`,
      measured: `${load.toFixed(1)} ×`,
      met: load <= loadGoal,
      samples: worlds,
    },
    {
      nodes,
      figure: 'traffic while one application state a second changes somewhere',
      goal: '≤ 1.5 × idle',
      measured: `${busy.toFixed(1)} ×`,
      met: busy <= 1.5,
      reason:
        'half the idle traffic is about 110 bytes a second and node, less than one datagram for each change, header and seal alone are 64; only the spare bytes of the two probes and acks a second could carry it so cheaply, two sends of eight, which reach 86 % of the nodes after seconds, while roots differ and exchanges begin. The first figures ask for 7 to 10 sends of some 130 bytes within 0.2 s: a cluster pays 1,000 bytes a second and node for each change a second, up to the budget of 2 KB/s of a class',
      samples: stood,
    },
    {
      nodes,
      figure: 'simulator, idle: times real time',
      goal: `≥ ${bySize(nodes, 30, 30, 2)}`,
      measured: speedup.toFixed(1),
      met: speedup >= bySize(nodes, 30, 30, 2),
      reason: 'depends on the machine, and on what else runs there',
      samples: worlds,
    },
  ];
}

function crashFigures(nodes: number, samples: readonly CourseSample[]): Figure[] {
  const single = samples.flatMap((sample) => sample.single);
  const together = samples.flatMap((sample) => sample.together);
  const firstMs = openPercentile(
    single.map((death) => death.firstMs),
    0.5,
  );
  const allMs = openPercentile(
    single.map((death) => death.allMs),
    0.99,
  );
  const togetherMs = openPercentile(
    together.map((death) => death.allMs),
    0.99,
  );
  const allGoalMs = bySize(nodes, 7_000, 7_000, 7_500);
  const togetherGoalMs = bySize(nodes, 9_000, 9_000, 10_000);
  const agreeing = Math.min(...samples.map((sample) => sample.agreeingShare ?? 1));
  const falsely = total(samples.map((sample) => sample.falsePositives));
  const ones = samplesText(samples.length, single.length);
  const many = samplesText(samples.length, together.length);
  return [
    {
      nodes,
      figure: 'crash of one node: first held for dead by anyone, median',
      goal: '≤ 3 s',
      measured: inSeconds(firstMs),
      met: within(firstMs, 3_000),
      samples: ones,
      theory: `first probe ${swimFirstProbeS(secondMs).toFixed(1)} s; memberlist ${memberlistDetectionS(nodes).toFixed(1)} s; phi 8 ${phiDetectionS(8, secondMs).toFixed(1)} s`,
      peers: peers.crash,
    },
    {
      nodes,
      figure: 'crash of one node: dead at all, p99',
      goal: `≤ ${allGoalMs / secondMs} s`,
      measured: inSeconds(allMs),
      met: within(allMs, allGoalMs),
      samples: ones,
      theory: 'first probe, p99: 4.6 s',
      peers: peers.crashAll,
    },
    {
      nodes,
      figure: 'crash of 5 % at once: all dead at all, p99',
      goal: `≤ ${togetherGoalMs / secondMs} s`,
      measured: inSeconds(togetherMs),
      met: within(togetherMs, togetherGoalMs),
      samples: many,
      theory: 'probes alone reach the last of 50 (500) at p99 after 9.0 (11.1) s',
      peers: peers.crashMany,
    },
    {
      nodes,
      figure: 'live nodes held for dead meanwhile',
      goal: '0',
      measured: String(falsely),
      met: falsely === 0,
      samples: samplesText(samples.length),
    },
    {
      nodes,
      figure: '5 s after the last fault: nodes with equal ring and right liveness',
      goal: '100 %',
      measured: `${(100 * agreeing).toFixed(1)} %`,
      met: agreeing === 1,
      samples: samplesText(samples.length),
    },
  ];
}

/** How a change spreads when one datagram in twenty is lost. */
export function lossySpread(nodes: number, quick: boolean): Part<CourseSample> {
  const goalMs = bySize(nodes, 200, 240, 280);
  return {
    name: 'spread at 5 % loss',
    nodes,
    seeds: quick ? 1 : 20,
    run: (seed) =>
      runCourse({
        nodes,
        seed,
        lossRatio: 0.05,
        config: { detector: 'swim' },
        idleMs: secondMs,
        changes: quick ? 5 : 20,
        crashes: 0,
        massCrashes: 0,
      }),
    figures: (samples) => {
      const spreads = samples.map(({ spread }) => spread);
      const p99Ms = pooledMs(spreads, 0.99);
      return [
        {
          nodes,
          figure: 'a state change at 5 % loss: known to 99 %',
          goal: `≤ ${goalMs} ms`,
          measured: `${inMs(p99Ms)} (the last: ${inMs(pooledMs(spreads, 1))})`,
          met: within(p99Ms, goalMs),
          samples: `${samplesText(samples.length)}, ${total(spreads.map(({ changes }) => changes))} changes`,
          theory: rumorModelAtFivePercentLoss[nodes] ?? '',
        },
      ];
    },
  };
}
