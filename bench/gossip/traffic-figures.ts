import type { CourseSample } from './course.ts';
import type { Figure } from './figures-page.ts';
import { mean, samplesText, total } from './part.ts';
import { peers } from './theory.ts';

/** What a node sends. */
export function trafficFigures(nodes: number, samples: readonly CourseSample[]): Figure[] {
  const idle = mean(samples.map((sample) => sample.idleBytes));
  const busy = mean(samples.map((sample) => sample.busyBytes)) / idle;
  const changes = total(samples.map(({ spread }) => spread.changes));
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
      figure: 'traffic while one application state a second changes somewhere',
      goal: '≤ 1.5 × idle',
      measured: `${busy.toFixed(1)} ×`,
      met: busy <= 1.5,
      reason:
        'half the idle traffic is about 110 bytes a second and node. For 99 % to know a change in 0.2 s at 5 % loss a node must be told it 1.8 times on average (one copy reaches 95 %); the two probes and acks a second that reach a node anyway bring at most 0.6 of these so soon; the others are datagrams of their own of 94 bytes at least, 64 of them header and seal. That is 120 bytes even for a sender that knows who has not heard it yet. Ours asks nobody first: 8 to 10 sends of some 130 bytes, so a cluster pays 1,000 bytes a second and node for each change a second, up to the budget of 2 KB/s of a class',
      samples: `${on.samples}, ${changes} changes`,
    },
  ];
}
