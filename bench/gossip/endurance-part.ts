import { minuteMs } from '../../src/base/time.ts';
import {
  type Condition,
  type ConditionSample,
  type EnduranceSample,
  faultyLinks,
  lossCondition,
  oneWayLinks,
  runEndurance,
  stallsAgain,
  stallsOnce,
} from './endurance.ts';
import type { Figure } from './figures-page.ts';
import { bySize, mean, type Part, samplesText, total } from './part.ts';
import { peers } from './theory.ts';

/** Everything that clusters show in which nobody crashes, and not all is well. */
export function endurance(nodes: number, quick: boolean): Part<EnduranceSample> {
  const losses = ([0.05, 0.1, 0.2] as const).flatMap((ratio) => [
    lossCondition(nodes, ratio, true, quick),
    lossCondition(nodes, ratio, false, quick),
  ]);
  const quiet = lossCondition(nodes, 0, true, quick);
  const once = stallsOnce(quick);
  const again = stallsAgain(nodes, quick);
  // Nothing is asked of ten thousand nodes there.
  const flapping = nodes > 3_000 ? [] : [faultyLinks(nodes, quick), oneWayLinks(nodes, quick)];
  return {
    name: 'endurance',
    nodes,
    seeds: quick ? 1 : bySize(nodes, 20, 20, 2),
    run: (seed) => runEndurance(nodes, seed, [quiet, ...losses, once, again, ...flapping]),
    figures: (samples) => {
      const of = (condition: Condition): Under => underOf(nodes, condition, samples);
      return [
        falselyDead(of(quiet)),
        ...losses.map((loss) => falselyDead(of(loss))),
        ...losses.map((loss) => lossTraffic(of(loss), mean(samples.map(({ idleBytes }) => idleBytes)))),
        stalledOnce(of(once)),
        stalledAgain(of(again)),
        ...flapping.map((faulty) => flaps(of(faulty))),
        agreement(nodes, samples),
      ];
    },
  };
}

/** One condition, and what all worlds showed under it. */
interface Under {
  readonly condition: Condition;
  readonly samples: readonly ConditionSample[];
  readonly healthyDead: number;
  readonly forText: string;
  readonly on: Pick<Figure, 'nodes' | 'topic' | 'samples'>;
}

function underOf(nodes: number, condition: Condition, worlds: readonly EnduranceSample[]): Under {
  const samples = worlds.flatMap(({ conditions }) => conditions.filter(({ words }) => words === condition.words));
  const forText = `${condition.forMs / minuteMs} min`;
  return {
    condition,
    samples,
    healthyDead: total(samples.map(({ healthyDead }) => healthyDead)),
    forText,
    on: { nodes, topic: 'endurance', samples: `${samplesText(samples.length)} of ${forText}` },
  };
}

const isWorst = ({ network }: Condition): boolean => network?.lossRatio === 0.2 && !network.streams;

function falselyDead({ condition, healthyDead, forText, on }: Under): Figure {
  return {
    ...on,
    figure: `live nodes held for dead at ${condition.words}`,
    goal: `0 in ${forText}`,
    measured: String(healthyDead),
    met: healthyDead === 0,
    ...(isWorst(condition) ? { peers: peers.falsePositives } : {}),
  };
}

function lossTraffic({ condition, samples, on }: Under, idleBytes: number): Figure {
  const bytes = mean(samples.map(({ sentBytes }) => sentBytes));
  const times = bytes / idleBytes;
  const worst = isWorst(condition);
  return {
    ...on,
    topic: 'traffic',
    figure: `traffic at ${condition.words}`,
    goal: worst ? '≤ 4 × idle' : '',
    measured: `${times.toFixed(1)} × (${Math.round(bytes)} bytes/s)`,
    met: worst ? times <= 4 : null,
    ...(worst ? { peers: peers.lossTraffic } : {}),
  };
}

function stalledOnce({ condition, samples, healthyDead, on }: Under): Figure {
  const stallersDead = total(samples.map(({ faultyDead }) => faultyDead));
  const stalls = samples.length * (condition.faulty?.length ?? 0);
  return {
    ...on,
    figure: `${condition.words}: healthy nodes dead; the staller dead`,
    goal: '0; 0',
    measured: `${healthyDead}; ${stallersDead}`,
    met: healthyDead === 0 && stallersDead === 0,
    samples: `${samplesText(samples.length)}, ${stalls} stalls`,
    peers: peers.stalls,
  };
}

function stalledAgain({ condition, healthyDead, forText, on }: Under): Figure {
  return {
    ...on,
    figure: `${condition.words}: healthy nodes dead`,
    goal: `0 in ${forText}`,
    measured: String(healthyDead),
    met: healthyDead === 0,
    peers: peers.stalls,
  };
}

function flaps({ condition, samples, healthyDead, forText, on }: Under): Figure {
  const each = mean(samples.map(({ flapsPerFaulty }) => flapsPerFaulty));
  return {
    ...on,
    figure: `${condition.words}: healthy nodes dead; flaps per faulty node`,
    goal: `0; ≤ 2 in ${forText}`,
    measured: `${healthyDead}; ${each.toFixed(1)}`,
    met: healthyDead === 0 && each <= 2,
    peers: peers.flaps,
  };
}

/** The condition that is named is the worst. */
function agreement(nodes: number, worlds: readonly EnduranceSample[]): Figure {
  const endings = worlds
    .flatMap(({ conditions }) => conditions)
    .sort((one, other) => one.agreeingShare - other.agreeingShare);
  const { words, agreeingShare } = endings[0]!;
  const missed = endings.filter((each) => each.agreeingShare < 1).length;
  const where = missed === 0 ? '' : ` (${words}; ${missed} of ${endings.length} times)`;
  return {
    nodes,
    topic: 'endurance',
    figure: '5 s after such a condition has ended: nodes with equal ring and right liveness, worst',
    goal: '100 %',
    measured: `${(100 * agreeingShare).toFixed(1)} %${where}`,
    met: missed === 0,
    samples: samplesText(worlds.length),
  };
}
