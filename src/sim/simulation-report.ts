import type { Death } from './death-watch.ts';
import { percentile } from './percentile.ts';
import type { Spread } from './spread-watch.ts';

/**
 * What a simulation found, in the fixed shape of `ringctl sim --json`. Times are ms of virtual time. Null: not measured,
 * or not reached before the simulation ended.
 */
export interface SimulationReport {
  readonly nodes: number;
  readonly seed: number;
  readonly lossRatio: number;
  /** Of a state change, over all changes and nodes; `maxTicks` in gossip intervals, begun ones counted. */
  readonly convergence: {
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
    readonly maxMs: number | null;
    readonly maxTicks: number | null;
    readonly sendsPerNode: number | null;
  };
  readonly detection: {
    readonly crashed: number;
    readonly firstDeadP50Ms: number | null;
    readonly allDeadP99Ms: number | null;
  };
  /** How often a running node was held for dead, counted once for each who did. */
  readonly falsePositives: number;
  /** IP and UDP or TCP headers and encryption included. `busy`: while one state a second changes somewhere. */
  readonly sentBytesPerNodePerSecond: { readonly idle: number; readonly busy: number };
  readonly simulatedMs: number;
  /** Virtual time by real time. */
  readonly speedup: number;
}

/** Convergence of some changes in a cluster of `nodes`. A node that never learned one leaves maximum and 99 % open. */
export function convergenceOf(
  spreads: readonly Spread[],
  nodes: number,
  gossipIntervalMs: number,
): SimulationReport['convergence'] {
  const known = spreads.flatMap((spread) => spread.delaysMs);
  const missing = spreads.reduce((sum, spread) => sum + spread.missing, 0);
  // Who never learned it stands behind all who did.
  const all = [...known, ...new Array<number>(missing).fill(Number.POSITIVE_INFINITY)];
  const finite = (share: number): number | null => {
    const value = percentile(all, share);
    return value === null || !Number.isFinite(value) ? null : round(value);
  };
  const maxMs = finite(1);
  const sends = spreads.reduce((sum, spread) => sum + spread.sends, 0);
  return {
    p50Ms: finite(0.5),
    p99Ms: finite(0.99),
    maxMs,
    maxTicks: maxMs === null ? null : Math.ceil(maxMs / gossipIntervalMs),
    sendsPerNode: spreads.length === 0 ? null : round(sends / spreads.length / nodes),
  };
}

export function detectionOf(deaths: readonly Death[]): SimulationReport['detection'] {
  const open = (ms: number | null): number => ms ?? Number.POSITIVE_INFINITY;
  const finite = (value: number | null): number | null =>
    value === null || !Number.isFinite(value) ? null : round(value);
  return {
    crashed: deaths.length,
    firstDeadP50Ms: finite(
      percentile(
        deaths.map((death) => open(death.firstMs)),
        0.5,
      ),
    ),
    allDeadP99Ms: finite(
      percentile(
        deaths.map((death) => open(death.allMs)),
        0.99,
      ),
    ),
  };
}

/** To a tenth: more would be noise. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
