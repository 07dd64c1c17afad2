import { minuteMs, secondMs } from '../../src/base/time.ts';
import type { Step } from '../../src/sim/scenario.ts';
import { type EnduranceResult, runEndurance } from './endurance.ts';
import { base, bySize, mean, type Part, worldsText } from './part.ts';
import { peers } from './theory.ts';

/** Loss of datagrams, and of streams or without any: who is held for dead although it runs, and what is sent. */
export function lossy(nodes: number, lossRatio: number, streams: boolean, quick: boolean): Part {
  const results: EnduranceResult[] = [];
  const minutes = quick ? 1 : bySize(nodes, 10, 10, 2);
  const network = { lossRatio, streams };
  const figure = `live nodes held for dead in ${minutes} min at ${lossRatio * 100} % loss${streams ? '' : ', streams off'}; bytes/s`;
  return {
    name: figure,
    seeds: quick ? 1 : 3,
    run: (seed) =>
      results.push(runEndurance({ nodes, seed, config: { detector: 'swim' }, forMs: minutes * minuteMs, network })),
    figures: (worlds) => [
      {
        ...base(nodes),
        figure,
        target: lossRatio === 0.2 && !streams ? '0; 4 × idle' : '0',
        measured: `${sum(results, 'healthyDead')}; ${Math.round(mean(results.map((result) => result.sentBytesPerNodePerSecond)))}`,
        samples: worldsText(worlds),
        peers: lossRatio === 0.2 && !streams ? `${peers.falsePositives}; ${peers.lossTraffic}` : '',
      },
    ],
  };
}

/** Lifeguard's case: one node stalls again and again. */
export function stalls(nodes: number, seconds: number, quick: boolean): Part {
  const minutes = quick ? 1 : 5;
  const steps: Step[] = [
    { at: 0, do: 'stall', nodes: [0], forMs: seconds * secondMs, everyMs: 10 * secondMs, times: 6 * minutes },
  ];
  return faultyPart(nodes, quick, minutes, steps, [0], {
    figure: `one node stalls ${seconds} s every 10 s: healthy dead; staller dead`,
    target: seconds === 2 ? '0; 0' : '0',
    measured: (results) => `${sum(results, 'healthyDead')}; ${sum(results, 'faultyDead')}`,
  });
}

/** Rapid's case: one node in a hundred loses most of its packets. */
export function faultyLinks(nodes: number, quick: boolean): Part {
  const minutes = quick ? 1 : 10;
  const faulty = Array.from({ length: Math.ceil(nodes / 100) }, (_, place) => place);
  const steps: Step[] = [{ at: 0, do: 'degrade', nodes: faulty, lossInRatio: 0.8, lossOutRatio: 0.8 }];
  return faultyPart(nodes, quick, minutes, steps, faulty, {
    figure: `1 % of nodes lose 80 % both ways: healthy dead; flaps per faulty node in ${minutes} min`,
    target: '0; ≤ 2',
    measured: (results) =>
      `${sum(results, 'healthyDead')}; ${mean(results.map((result) => result.flapsPerFaulty)).toFixed(1)}`,
  });
}

/** Rapid's other case: one node in a hundred is heard by all, and hears none of half of them. */
export function oneWayLinks(nodes: number, quick: boolean): Part {
  const minutes = quick ? 1 : 10;
  const faulty = Array.from({ length: Math.ceil(nodes / 100) }, (_, place) => place);
  const steps = faulty.flatMap((to): Step[] =>
    Array.from({ length: nodes >> 1 }, (_, index) => ({ at: 0, do: 'cut', from: nodes - 1 - index, to })),
  );
  return faultyPart(nodes, quick, minutes, steps, faulty, {
    figure: `1 % of nodes do not hear half of the others: healthy dead; flaps per faulty node in ${minutes} min`,
    target: '0; ≤ 2',
    measured: (results) =>
      `${sum(results, 'healthyDead')}; ${mean(results.map((result) => result.flapsPerFaulty)).toFixed(1)}`,
  });
}

function faultyPart(
  nodes: number,
  quick: boolean,
  minutes: number,
  steps: readonly Step[],
  faulty: readonly number[],
  words: { figure: string; target: string; measured: (results: readonly EnduranceResult[]) => string },
): Part {
  const results: EnduranceResult[] = [];
  return {
    name: words.figure,
    seeds: quick ? 1 : 3,
    run: (seed) =>
      results.push(
        runEndurance({ nodes, seed, config: { detector: 'swim' }, forMs: minutes * minuteMs, steps, faulty }),
      ),
    figures: (worlds) => [
      {
        ...base(nodes),
        figure: words.figure,
        target: words.target,
        measured: words.measured(results),
        samples: worldsText(worlds),
      },
    ],
  };
}

function sum(results: readonly EnduranceResult[], key: 'healthyDead' | 'faultyDead'): number {
  return results.reduce((total, result) => total + result[key], 0);
}
