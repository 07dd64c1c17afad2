import type { SimulationReport } from '../../sim/simulation-report.ts';
import { columns } from './columns.ts';

/** `ringctl sim` for people: one figure a line. */
export function simText(report: SimulationReport): string {
  const { convergence, detection, sentBytesPerNodePerSecond: sent } = report;
  const rows: [string, string][] = [
    ['Nodes', String(report.nodes)],
    ['Seed', String(report.seed)],
    ['Loss', `${Number((report.lossRatio * 100).toFixed(2))} %`],
    ['A change is known to half of the nodes after', ms(convergence.p50Ms)],
    ['  to 99 %', ms(convergence.p99Ms)],
    ['  to the last', `${ms(convergence.maxMs)}${ticks(convergence.maxTicks)}`],
    ['  sends per node', plain(convergence.sendsPerNode)],
    ...(detection.crashed === 0
      ? []
      : ([
          ['Nodes crashed', String(detection.crashed)],
          ['  first held for dead after (median)', seconds(detection.firstDeadP50Ms)],
          ['  by all the others (99 %)', seconds(detection.allDeadP99Ms)],
        ] as [string, string][])),
    ['Live nodes held for dead', String(report.falsePositives)],
    ['Sent per node, idle', `${sent.idle} bytes/s`],
    ['  while a state changes each second', `${sent.busy} bytes/s`],
    ['Simulated', `${(report.simulatedMs / 1_000).toFixed(1)} s, ${report.speedup} times as fast as real time`],
  ];
  return columns(rows);
}

const notReached = 'not reached';

function ms(value: number | null): string {
  return value === null ? notReached : `${Math.round(value)} ms`;
}

function seconds(value: number | null): string {
  return value === null ? notReached : `${(value / 1_000).toFixed(1)} s`;
}

function ticks(value: number | null): string {
  return value === null ? '' : ` (${value} gossip ${value === 1 ? 'interval' : 'intervals'})`;
}

function plain(value: number | null): string {
  return value === null ? '?' : String(value);
}
