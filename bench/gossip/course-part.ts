import { minuteMs, secondMs } from '../../src/base/time.ts';
import { percentile } from '../../src/sim/percentile.ts';
import { convergenceOf, detectionOf } from '../../src/sim/simulation-report.ts';
import { type CourseResult, runCourse } from './course.ts';
import type { Figure } from './figures-table.ts';
import { base, bySize, inMs, inSeconds, mean, type Part, worldsText } from './part.ts';
import {
  memberlistDetectionS,
  memberlistSpreadMs,
  peers,
  phiDetectionS,
  pushPullRounds,
  pushRounds,
  rumorModel,
  rumorModelAtFivePercentLoss,
} from './theory.ts';

/** Everything that one life of a cluster shows. */
export function course(nodes: number, lossRatio: number, quick: boolean): Part {
  const results: CourseResult[] = [];
  const seeds = quick ? 2 : 20;
  return {
    name: `course at ${lossRatio * 100} % loss`,
    seeds,
    run: (seed) => {
      const crashes = quick ? 3 : bySize(nodes, 15, 15, 3);
      const idleMs = quick ? minuteMs : 3 * minuteMs;
      results.push(runCourse({ nodes, seed, lossRatio, config: { detector: 'swim' }, idleMs, changes: 20, crashes }));
    },
    figures: (worlds) =>
      lossRatio === 0 ? courseFigures(nodes, results, worlds) : lossyFigures(nodes, results, worlds),
  };
}

function lossyFigures(nodes: number, results: readonly CourseResult[], worlds: number): Figure[] {
  const { p99Ms } = convergenceOf(
    results.flatMap((result) => result.spreads),
    nodes,
    secondMs,
  );
  return [
    {
      ...base(nodes),
      figure: 'a state change at 5 % loss: known to 99 %',
      target: `≤ ${bySize(nodes, 200, 240, 280)} ms`,
      measured: inMs(p99Ms),
      samples: worldsText(worlds),
      theory: rumorModelAtFivePercentLoss[nodes] ?? '',
    },
  ];
}

function courseFigures(nodes: number, results: readonly CourseResult[], worlds: number): Figure[] {
  const spread = convergenceOf(
    results.flatMap((result) => result.spreads),
    nodes,
    secondMs,
  );
  const single = detectionOf(results.flatMap((result) => result.single));
  const together = detectionOf(results.flatMap((result) => result.together));
  const idle = mean(results.map((result) => result.idleBytes));
  const times = (bytes: number): string => `${(bytes / idle).toFixed(1)} ×`;
  const samples = worldsText(worlds);
  const memberlist = memberlistSpreadMs(nodes);
  const phi = `phi 8: ${phiDetectionS(8, secondMs).toFixed(1)} s of silence`;
  return [
    {
      ...base(nodes),
      figure: 'a state change: known to 99 % / to the last / sends per node',
      target: `≤ ${bySize(nodes, '180 ms / 1.0 s / 8', '220 ms / 1.5 s / 9', '260 ms / 3.5 s / 10')}`,
      measured: `${inMs(spread.p99Ms)} / ${inSeconds(spread.maxMs)} / ${spread.sendsPerNode}`,
      samples,
      theory: `${rumorModel[nodes] ?? ''}; memberlist's schedule: all after ${Math.round(memberlist.allMs)} ms`,
      peers: peers.spread,
    },
    {
      ...base(nodes),
      figure: 'idle traffic, bytes/s sent per node',
      target: '≤ 220',
      measured: String(Math.round(idle)),
      samples,
      peers: peers.idle,
    },
    {
      ...base(nodes),
      figure: 'the same while every LOAD moves each 10 minutes / one state a second changes',
      target: `≤ ${bySize(nodes, 2, 2, 4)} × / 1.5 ×`,
      measured: `${times(mean(results.map((result) => result.loadBytes)))} / ${times(mean(results.map((result) => result.busyBytes)))}`,
      samples,
    },
    {
      ...base(nodes),
      figure: 'crash of one node: first held for dead by anyone, median',
      target: '≤ 3 s',
      measured: inSeconds(single.firstDeadP50Ms),
      samples: `${single.crashed} crashes`,
      theory: `${phi}; memberlist ${memberlistDetectionS(nodes).toFixed(1)} s`,
      peers: peers.crash,
    },
    {
      ...base(nodes),
      figure: 'crash of one node: dead at all, p99',
      target: `≤ ${bySize(nodes, 7, 7, 7.5)} s`,
      measured: inSeconds(single.allDeadP99Ms),
      samples: `${single.crashed} crashes`,
      peers: peers.crashAll,
    },
    {
      ...base(nodes),
      figure: 'crash of 5 % at once: all dead at all, p99',
      target: `≤ ${bySize(nodes, 9, 9, 10)} s`,
      measured: inSeconds(together.allDeadP99Ms),
      samples: `${together.crashed} crashes`,
      peers: peers.crashMany,
    },
    {
      ...base(nodes),
      figure: 'live nodes held for dead meanwhile, no loss',
      target: '0',
      measured: String(results.reduce((sum, result) => sum + result.falsePositives, 0)),
      samples,
    },
    {
      ...base(nodes),
      figure: '5 s after the last fault: nodes with equal ring and right liveness',
      target: '100 %',
      measured: `${(100 * Math.min(...results.map((result) => result.agreeingShare))).toFixed(1)} %`,
      samples,
    },
    {
      ...base(nodes),
      figure: 'simulator, idle: times real time',
      target: `≥ ${bySize(nodes, 30, 30, 2)}`,
      measured: mean(results.map((result) => result.idleSpeedup)).toFixed(1),
      samples,
    },
  ];
}

/** Anti-entropy alone: the exchange of one style, one peer a tick. */
export function style(nodes: number, exchangeStyle: 'push' | 'pushPull', quick: boolean): Part {
  const worst: number[] = [];
  return {
    name: `${exchangeStyle} ticks`,
    seeds: quick ? 2 : 20,
    run: (seed) => {
      const { spreads } = runCourse({
        nodes,
        seed,
        lossRatio: 0,
        config: { detector: 'swim', exchangeStyle },
        idleMs: secondMs,
        changes: 5,
        crashes: 0,
      });
      worst.push(convergenceOf(spreads, nodes, secondMs).maxTicks ?? Number.POSITIVE_INFINITY);
    },
    figures: (worlds) => [
      {
        ...base(nodes),
        figure: `${exchangeStyle === 'push' ? 'push' : 'push-pull'}: ticks of 1 s until the last node knows, worst`,
        target: exchangeStyle === 'push' ? '≥ 1.8 × push-pull' : `≤ ${bySize(nodes, 6, 8, 10)}`,
        measured: String(percentile(worst, 1)),
        samples: worldsText(worlds),
        theory: `${(exchangeStyle === 'push' ? pushRounds(nodes) : pushPullRounds(nodes)).toFixed(1)} rounds`,
      },
    ],
  };
}
