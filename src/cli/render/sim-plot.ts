import type { Simulation } from '../../sim/simulation.ts';

const width = 720;
const height = 260;
const margin = { left: 64, right: 16, top: 52, bottom: 40 };
const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
/** A curve needs no more points than the picture has columns. */
const maxPoints = inner.width;

type Point = readonly [x: number, y: number];

/** An SVG picture of a simulation: how a change spreads, and what a node sends over time. */
export function simPlot({ report, delaysMs, missing, bytesPerNodePerSecond, phasesAtS }: Simulation): string {
  const all = delaysMs.length + missing;
  const share = thinned(delaysMs).map(([index, delay]): Point => [delay, (100 * (index + 1)) / all]);
  const traffic = bytesPerNodePerSecond.map((bytes, second): Point => [second, bytes]);
  const idle = traffic.slice(phasesAtS.idle);
  const loss = `${Number((report.lossRatio * 100).toFixed(2))} % loss`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${2 * height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    chart({
      top: 0,
      title: `A change in ${report.nodes} nodes, ${loss}: who knows it`,
      across: 'ms after the change',
      up: '% of nodes',
      points: [[0, 0], ...share],
      highest: 100,
      marks: [],
    }),
    chart({
      top: height,
      title: 'What a node sends, headers and encryption included',
      across: 'seconds',
      up: 'bytes/s',
      points: traffic,
      // The start of all nodes at once is no traffic of a cluster's life.
      highest: Math.max(1, ...idle.map(([, bytes]) => bytes)),
      marks: [
        [phasesAtS.idle, 'idle'],
        [phasesAtS.changes, 'changes'],
        ...(report.detection.crashed > 0 ? ([[phasesAtS.crashes, 'crashes']] as const) : []),
      ],
    }),
    '</svg>\n',
  ].join('\n');
}

interface Chart {
  readonly top: number;
  readonly title: string;
  readonly across: string;
  readonly up: string;
  readonly points: readonly Point[];
  readonly highest: number;
  readonly marks: readonly (readonly [x: number, label: string])[];
}

function chart({ top, title, across, up, points, highest, marks }: Chart): string {
  const farthest = Math.max(1, points.at(-1)?.[0] ?? 1);
  const x = (value: number): string => (margin.left + (value / farthest) * inner.width).toFixed(1);
  const y = (value: number): string =>
    (top + margin.top + inner.height * (1 - Math.min(1, value / highest))).toFixed(1);
  const line = points.map(([across, up]) => `${x(across)},${y(up)}`).join(' ');
  const text = (left: string, at: string, anchor: string, words: string): string =>
    `<text x="${left}" y="${at}" text-anchor="${anchor}">${words}</text>`;
  const bottom = y(0);
  return [
    text('10', String(top + 20), 'start', title),
    text('10', String(top + 40), 'start', up),
    ...roundTicks(highest, 3).map((at) => text(String(margin.left - 6), y(at), 'end', String(at))),
    ...roundTicks(farthest, 6).map((at) => text(x(at), String(Number(bottom) + 16), 'middle', String(at))),
    text(x(farthest / 2), String(Number(bottom) + 32), 'middle', across),
    `<path d="M${x(0)},${y(highest)}V${bottom}H${x(farthest)}" fill="none" stroke="#888"/>`,
    ...marks.map(([at, label]) => {
      // What begins near the right edge is named to the left of its line.
      const [anchor, gap] = at > 0.85 * farthest ? (['end', -4] as const) : (['start', 4] as const);
      const name = text(String(Number(x(at)) + gap), String(Number(y(highest)) + 12), anchor, label);
      return `<path d="M${x(at)},${y(highest)}V${bottom}" stroke="#bbb" stroke-dasharray="3"/>${name}`;
    }),
    `<polyline points="${line}" fill="none" stroke="#2563eb" stroke-width="1.5"/>`,
  ].join('\n');
}

/** Some of the values with their places, first and last among them. */
function thinned(values: readonly number[]): [index: number, value: number][] {
  const stride = Math.max(1, Math.ceil(values.length / maxPoints));
  const kept: [number, number][] = [];
  for (let index = 0; index < values.length; index += stride) kept.push([index, values[index]!]);
  const last = values.length - 1;
  if (last >= 0 && kept.at(-1)?.[0] !== last) kept.push([last, values[last]!]);
  return kept;
}

/** About so many round numbers from 0 up to `highest`: steps of 1, 2 or 5 times a power of ten. */
function roundTicks(highest: number, about: number): number[] {
  const power = 10 ** Math.floor(Math.log10(highest / about));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => highest / each <= about) ?? highest;
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}
