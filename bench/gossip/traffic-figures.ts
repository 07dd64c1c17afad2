import type { CourseSample } from './course.ts';
import type { Figure } from './figures-page.ts';
import { bySize, mean, samplesText, total } from './part.ts';
import { peers } from './theory.ts';

/** What a node sends. */
export function trafficFigures(nodes: number, samples: readonly CourseSample[]): Figure[] {
  const idle = mean(samples.map((sample) => sample.idleBytes));
  const load = mean(samples.map((sample) => sample.loadBytes)) / idle;
  const busy = mean(samples.map((sample) => sample.busyBytes)) / idle;
  const changes = total(samples.map(({ spread }) => spread.changes));
  const loadGoal = bySize(nodes, 2, 2, 4);
  const on = { nodes, topic: 'traffic', samples: samplesText(samples.length) } as const;
  return [
    {
      ...on,
      figure: 'idle traffic, bytes/s sent per node',
      goal: '≤ 220',
      measured: String(Math.round(idle)),
      met: idle <= 220,
      theory: 'SWIM: constant in N',
      peers: peers.idle,
    },
    {
      ...on,
      figure: "traffic while every node's LOAD moves each 10 minutes",
      goal: `≤ ${loadGoal} × idle`,
      measured: `${load.toFixed(1)} ×`,
      met: load <= loadGoal,
    },
    {
      ...on,
      figure: 'traffic while one application state a second changes somewhere',
      goal: '≤ 1.5 × idle',
      measured: `${busy.toFixed(1)} ×`,
      met: busy <= 1.5,
      reason:
        'half the idle traffic is about 110 bytes a second and node, less than one datagram for each change, header and seal alone are 64; only the spare bytes of the two probes and acks a second could carry it so cheaply, two sends of eight, which reach 86 % of the nodes after seconds, while roots differ and exchanges begin. The first figures ask for 7 to 10 sends of some 130 bytes within 0.2 s: a cluster pays 1,000 bytes a second and node for each change a second, up to the budget of 2 KB/s of a class',
      samples: `${on.samples}, ${changes} changes`,
    },
  ];
}
