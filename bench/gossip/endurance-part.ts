import { minuteMs, secondMs } from '../../src/base/time.ts';
import type { Step } from '../../src/sim/scenario.ts';
import { type EnduranceSample, runEndurance } from './endurance.ts';
import type { Figure } from './figures-table.ts';
import { bySize, mean, type Part, samplesText, total } from './part.ts';
import { peers } from './theory.ts';

const swim = { detector: 'swim' } as const;

/** Loss of datagrams, and of streams or without any: who is held for dead although it runs, and what is sent. */
export function lossy(nodes: number, lossRatio: number, streams: boolean, quick: boolean): Part<EnduranceSample> {
  const minutes = quick ? 1 : bySize(nodes, 10, 10, 2);
  const words = `${lossRatio * 100} % loss${streams ? '' : ', streams off'}`;
  return {
    name: words,
    nodes,
    seeds: quick ? 1 : 20,
    run: (seed) =>
      runEndurance({ nodes, seed, config: swim, forMs: minutes * minuteMs, network: { lossRatio, streams } }),
    figures: (samples) => {
      const dead = total(samples.map(({ healthyDead }) => healthyDead));
      const times = mean(samples.map(({ sentBytes }) => sentBytes)) / mean(samples.map(({ idleBytes }) => idleBytes));
      const bytes = Math.round(mean(samples.map(({ sentBytes }) => sentBytes)));
      const worst = lossRatio === 0.2 && !streams;
      const worlds = samplesText(samples.length);
      const falsely: Figure = {
        nodes,
        figure: `live nodes held for dead in ${minutes} min at ${words}`,
        goal: '0',
        measured: String(dead),
        met: dead === 0,
        samples: worlds,
        ...(worst ? { peers: peers.falsePositives } : {}),
      };
      const sent: Figure = {
        nodes,
        figure: `traffic at ${words}`,
        goal: worst ? '≤ 4 × idle' : '',
        measured: `${times.toFixed(1)} × (${bytes} bytes/s)`,
        met: worst ? times <= 4 : null,
        samples: worlds,
        ...(worst ? { peers: peers.lossTraffic } : {}),
      };
      return lossRatio === 0 ? [falsely] : [falsely, sent];
    },
  };
}

/** Lifeguard's case: a node whose loop stands still, once (ten nodes in turn, each its own case), or one again and again. */
export function stalls(nodes: number, kind: 'once' | 'again', quick: boolean): Part<EnduranceSample> {
  const once = kind === 'once';
  const minutes = quick ? 1 : once ? 2 : 10;
  const stalled = Array.from({ length: 10 }, (_, place) => place);
  const steps: Step[] = once
    ? stalled.map((place) => ({ at: place * 11 * secondMs, do: 'stall', nodes: [place], forMs: 2 * secondMs }))
    : [{ at: 0, do: 'stall', nodes: [0], forMs: 5 * secondMs, everyMs: 10 * secondMs, times: 6 * minutes }];
  const faulty = once ? stalled : [0];
  return faultyPart({
    name: `stalls ${kind}`,
    nodes,
    quick,
    forMs: minutes * minuteMs,
    steps,
    faulty,
    figure: once
      ? 'a node stalls once for 2 s: healthy nodes dead; the staller dead'
      : `a node stalls 5 s every 10 s for ${minutes} min: healthy nodes dead`,
    goal: once ? '0; 0' : '0',
    measured: (healthy, samples) =>
      once ? `${healthy}; ${total(samples.map(({ faultyDead }) => faultyDead))}` : String(healthy),
    met: (healthy, samples) => healthy === 0 && (!once || samples.every(({ faultyDead }) => faultyDead === 0)),
    stoodOn: once ? (worlds) => `, ${worlds * stalled.length} stalls` : () => '',
    peers: 'Lifeguard: plain SWIM kills others for one slow member',
  });
}

/** Rapid's case: one node in a hundred loses most of its packets. */
export function faultyLinks(nodes: number, quick: boolean): Part<EnduranceSample> {
  const faulty = oneInAHundred(nodes);
  const steps: Step[] = [{ at: 0, do: 'degrade', nodes: faulty, lossInRatio: 0.8, lossOutRatio: 0.8 }];
  return flapping(nodes, quick, faulty, steps, '80 % loss both ways', '1 % of nodes lose 80 % both ways');
}

/** Rapid's other case: one node in a hundred is heard by all, and does not hear half of them. */
export function oneWayLinks(nodes: number, quick: boolean): Part<EnduranceSample> {
  const faulty = oneInAHundred(nodes);
  const steps = faulty.flatMap((to): Step[] =>
    Array.from({ length: nodes >> 1 }, (_, index) => ({ at: 0, do: 'cut', from: nodes - 1 - index, to })),
  );
  return flapping(nodes, quick, faulty, steps, 'one-way links', '1 % of nodes do not hear half of the others');
}

function flapping(
  nodes: number,
  quick: boolean,
  faulty: readonly number[],
  steps: readonly Step[],
  name: string,
  words: string,
): Part<EnduranceSample> {
  const minutes = quick ? 1 : 10;
  const flaps = (samples: readonly EnduranceSample[]): number =>
    mean(samples.map(({ flapsPerFaulty }) => flapsPerFaulty));
  return faultyPart({
    name,
    nodes,
    quick,
    forMs: minutes * minuteMs,
    steps,
    faulty,
    figure: `${words}: healthy nodes dead; flaps per faulty node in ${minutes} min`,
    goal: '0; ≤ 2',
    measured: (healthy, samples) => `${healthy}; ${flaps(samples).toFixed(1)}`,
    met: (healthy, samples) => healthy === 0 && flaps(samples) <= 2,
    stoodOn: () => '',
    peers: 'Rapid: memberlist oscillates',
  });
}

interface FaultyCase {
  readonly name: string;
  readonly nodes: number;
  readonly quick: boolean;
  readonly forMs: number;
  readonly steps: readonly Step[];
  readonly faulty: readonly number[];
  readonly figure: string;
  readonly goal: string;
  readonly measured: (healthyDead: number, samples: readonly EnduranceSample[]) => string;
  readonly met: (healthyDead: number, samples: readonly EnduranceSample[]) => boolean;
  /** What the figure stands on besides its worlds. */
  readonly stoodOn: (worlds: number) => string;
  readonly peers: string;
}

function faultyPart(facts: FaultyCase): Part<EnduranceSample> {
  const { name, nodes, quick, forMs, steps, faulty, figure, goal } = facts;
  return {
    name,
    nodes,
    seeds: quick ? 1 : 20,
    run: (seed) => runEndurance({ nodes, seed, config: swim, forMs, steps, faulty }),
    figures: (samples) => {
      const healthy = total(samples.map(({ healthyDead }) => healthyDead));
      return [
        {
          nodes,
          figure,
          goal,
          measured: facts.measured(healthy, samples),
          met: facts.met(healthy, samples),
          samples: `${samplesText(samples.length)}${facts.stoodOn(samples.length)}`,
          peers: facts.peers,
        },
      ];
    },
  };
}

const oneInAHundred = (nodes: number): number[] => Array.from({ length: Math.ceil(nodes / 100) }, (_, place) => place);
