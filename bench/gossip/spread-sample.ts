import { percentile } from '../../src/sim/percentile.ts';
import type { Spread } from '../../src/sim/spread-watch.ts';

/** Spreads of some changes, short enough to be kept: how many nodes knew after how many ms, rounded up. */
export interface SpreadSample {
  readonly changes: number;
  /** Ascending. */
  readonly nodesByMs: readonly (readonly [ms: number, nodes: number])[];
  /** Nodes that never knew, over all changes. */
  readonly missing: number;
  readonly sends: number;
}

export function spreadSample(spreads: readonly Spread[]): SpreadSample {
  const counts = new Map<number, number>();
  for (const { delaysMs } of spreads) {
    for (const delayMs of delaysMs) counts.set(Math.ceil(delayMs), (counts.get(Math.ceil(delayMs)) ?? 0) + 1);
  }
  return {
    changes: spreads.length,
    nodesByMs: [...counts].sort(([left], [right]) => left - right),
    missing: spreads.reduce((sum, { missing }) => sum + missing, 0),
    sends: spreads.reduce((sum, { sends }) => sum + sends, 0),
  };
}

/** Ms until this share (0 to 1) of all nodes over all changes knew, by nearest rank; null if so many never did. */
export function pooledMs(samples: readonly SpreadSample[], share: number): number | null {
  const counts = samples.flatMap(({ nodesByMs }) => nodesByMs).sort(([left], [right]) => left - right);
  const known = counts.reduce((sum, [, nodes]) => sum + nodes, 0);
  const missing = samples.reduce((sum, sample) => sum + sample.missing, 0);
  let rank = Math.ceil((known + missing) * share);
  for (const [ms, nodes] of counts) {
    rank -= nodes;
    if (rank <= 0) return ms;
  }
  return null;
}

/** The slowest change of a sample, ms until its last node knew; null if one never did. */
export function slowestMs({ nodesByMs, missing }: SpreadSample): number | null {
  return missing > 0 ? null : (nodesByMs.at(-1)?.[0] ?? null);
}

/** Nearest rank among values of which some were not reached: those stand behind all others. */
export function openPercentile(values: readonly (number | null)[], share: number): number | null {
  const value = percentile(
    values.map((each) => each ?? Number.POSITIVE_INFINITY),
    share,
  );
  return value === null || !Number.isFinite(value) ? null : value;
}
