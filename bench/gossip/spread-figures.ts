import type { CourseSample } from './course.ts';
import type { Figure } from './figures-page.ts';
import { bySize, inMs, samplesText, total, within } from './part.ts';
import { pooledMs } from './spread-sample.ts';
import { memberlistSpreadMs, peers, rumorModel, rumorModelAtFivePercentLoss } from './theory.ts';

/** How fast the nodes learn of a change, and at what price. */
export function spreadFigures(nodes: number, samples: readonly CourseSample[]): Figure[] {
  const goals = bySize(nodes, [180, 1_000, 8] as const, [220, 1_500, 9] as const, [260, 3_500, 10] as const);
  const lossyGoalMs = bySize(nodes, 200, 240, 280);
  const spreads = samples.map(({ spread }) => spread);
  const lossy = samples.map(({ lossySpread }) => lossySpread);
  const changes = total(spreads.map((spread) => spread.changes));
  const lossyChanges = total(lossy.map((spread) => spread.changes));
  const p99Ms = pooledMs(spreads, 0.99);
  const lastMs = pooledMs(spreads, 1);
  const lossyP99Ms = pooledMs(lossy, 0.99);
  const sends = total(spreads.map((spread) => spread.sends)) / changes / nodes;
  const worlds = samplesText(samples.length);
  const on = { nodes, topic: 'spread', samples: `${worlds}, ${changes} changes` } as const;
  return [
    {
      ...on,
      figure: 'a state change: known to 99 % of the nodes',
      goal: `≤ ${goals[0]} ms`,
      measured: inMs(p99Ms),
      met: within(p99Ms, goals[0]),
      theory: rumorModel[nodes] ?? '',
      peers: peers.spread,
    },
    {
      ...on,
      figure: 'a state change: known to the last node',
      goal: `≤ ${goals[1].toLocaleString('en-US')} ms`,
      measured: inMs(lastMs),
      met: within(lastMs, goals[1]),
      theory: `memberlist's schedule: ${Math.round(memberlistSpreadMs(nodes).allMs)} ms`,
      peers: peers.spreadAll,
    },
    {
      ...on,
      figure: 'a state change: sends per node',
      goal: `≤ ${goals[2]}`,
      measured: sends.toFixed(2),
      // The goal is a whole number: sends by probes that went anyway do not break it.
      met: Math.round(sends * 10) / 10 <= goals[2],
      theory: `6 + ⌈log10 N⌉ = ${6 + Math.ceil(Math.log10(nodes))}`,
      peers: peers.sends,
    },
    {
      ...on,
      figure: 'a state change at 5 % loss: known to 99 %',
      goal: `≤ ${lossyGoalMs} ms`,
      measured: `${inMs(lossyP99Ms)} (the last: ${inMs(pooledMs(lossy, 1))})`,
      met: within(lossyP99Ms, lossyGoalMs),
      samples: `${worlds}, ${lossyChanges} changes`,
      theory: rumorModelAtFivePercentLoss[nodes] ?? '',
    },
  ];
}
