import { secondMs } from '../../src/base/time.ts';
import type { CourseSample } from './course.ts';
import type { Figure } from './figures-page.ts';
import { bySize, inSeconds, samplesText, total, within } from './part.ts';
import { openPercentile } from './spread-sample.ts';
import { memberlistDetectionS, peers, phiDetectionS, swimFirstProbeS } from './theory.ts';

/** Who is held for dead: those that crashed, and soon; nobody else, and no forgery lasts. */
export function crashFigures(nodes: number, samples: readonly CourseSample[]): Figure[] {
  const single = samples.flatMap((sample) => sample.single);
  const firstMs = openPercentile(
    single.map((death) => death.firstMs),
    0.5,
  );
  const allMs = openPercentile(
    single.map((death) => death.allMs),
    0.99,
  );
  const allGoalMs = bySize(nodes, 7_000, 7_000, 7_500);
  const on = { nodes, topic: 'crashes', samples: samplesText(samples.length) } as const;
  const ones = samplesText(samples.length, single.length);
  return [
    {
      ...on,
      figure: 'crash of one node: first held for dead by anyone, median',
      goal: '≤ 3 s',
      measured: inSeconds(firstMs),
      met: within(firstMs, 3_000),
      samples: ones,
      theory: `first probe ${swimFirstProbeS(secondMs).toFixed(1)} s; memberlist ${memberlistDetectionS(nodes).toFixed(1)} s; phi 8 ${phiDetectionS(8, secondMs).toFixed(1)} s`,
      peers: peers.crash,
    },
    {
      ...on,
      figure: 'crash of one node: dead at all, p99',
      goal: `≤ ${allGoalMs / secondMs} s`,
      measured: inSeconds(allMs),
      met: within(allMs, allGoalMs),
      samples: ones,
      theory: 'first probe, p99: 4.6 s',
      peers: peers.crashAll,
    },
    ...afterCrashes(on, samples, {
      falsely: 'live nodes held for dead meanwhile',
      agreeing: '5 s after a crash is known to all: nodes with equal ring and right liveness',
    }),
    forgedFigure(nodes, samples),
  ];
}

/** Who was held for dead and lives, and whether all agree afterwards, under the names that the table has for them. */
export function afterCrashes(
  on: Pick<Figure, 'nodes' | 'topic' | 'samples'>,
  samples: readonly Pick<CourseSample, 'falsePositives' | 'agreeingShare'>[],
  names: { readonly falsely: string; readonly agreeing: string },
): Figure[] {
  const falsely = total(samples.map(({ falsePositives }) => falsePositives));
  const agreeing = Math.min(...samples.map(({ agreeingShare }) => agreeingShare));
  return [
    { ...on, figure: names.falsely, goal: '0', measured: String(falsely), met: falsely === 0 },
    {
      ...on,
      figure: names.agreeing,
      goal: '100 %',
      measured: `${(100 * agreeing).toFixed(1)} %`,
      met: agreeing === 1,
    },
  ];
}

function forgedFigure(nodes: number, samples: readonly CourseSample[]): Figure {
  const forged = samples.flatMap((sample) => sample.forged);
  const worstMs = openPercentile(
    forged.map(({ curedMs }) => curedMs),
    1,
  );
  const believers = Math.min(...forged.map((each) => each.believers));
  return {
    nodes,
    topic: 'endurance',
    figure: 'forged claims and counters at their maximum about a live node: cured within, worst',
    goal: '≤ 2.0 s (2 periods)',
    measured: inSeconds(worstMs),
    met: worstMs !== null && worstMs <= 2 * secondMs,
    samples: `${samplesText(samples.length)}, ${forged.length} forgeries, believed by ${believers} nodes or more`,
  };
}
