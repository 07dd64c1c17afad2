import { secondMs } from '../../src/base/time.ts';
import type { Figure } from './figures-page.ts';

/**
 * Figures that come from the same worlds: one sample a seed, plain data that survives JSON, made
 * in whatever process and at whatever time, and the figures that all samples together give.
 */
export interface Part<Sample = unknown> {
  readonly name: string;
  readonly nodes: number;
  /** How many seeds the table asks for. */
  readonly seeds: number;
  /** It measures real time, about so long: nothing else may run meanwhile. */
  readonly aloneMs?: number;
  readonly run: (seed: number) => Sample | Promise<Sample>;
  readonly figures: (samples: readonly Sample[]) => Figure[];
}

export const inMs = (value: number | null): string => (value === null ? 'not reached' : `${Math.round(value)} ms`);

export const inSeconds = (value: number | null): string =>
  value === null ? 'not reached' : `${(value / secondMs).toFixed(1)} s`;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** A measured value at or below its goal; what was not reached is not. */
export const within = (value: number | null, most: number): boolean => value !== null && value <= most;

/** What holds for about 100, 1,000 or 10,000 nodes. */
export function bySize<T>(nodes: number, small: T, medium: T, large: T): T {
  return nodes <= 300 ? small : nodes <= 3_000 ? medium : large;
}

/** "20 worlds", "20 worlds, 300 crashes". */
export function samplesText(worlds: number, crashes: number | null = null): string {
  const text = `${worlds} ${worlds === 1 ? 'world' : 'worlds'}`;
  return crashes === null ? text : `${text}, ${crashes} crashes`;
}
