import { secondMs } from '../../src/base/time.ts';
import type { Figure } from './figures-table.ts';

/** Several figures that come from the same worlds, one world a seed. */
export interface Part {
  readonly name: string;
  readonly seeds: number;
  readonly run: (seed: number) => void;
  readonly figures: (worlds: number) => Figure[];
}

/** A figure's cells that may stay empty. */
export const base = (nodes: number): Pick<Figure, 'nodes' | 'theory' | 'peers'> => ({ nodes, theory: '', peers: '' });

export const inMs = (value: number | null): string => (value === null ? 'not reached' : `${Math.round(value)} ms`);

export const inSeconds = (value: number | null): string =>
  value === null ? 'not reached' : `${(value / secondMs).toFixed(1)} s`;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** What holds for about 100, 1,000 or 10,000 nodes. */
export function bySize<T>(nodes: number, small: T, medium: T, large: T): T {
  return nodes <= 300 ? small : nodes <= 3_000 ? medium : large;
}

export const worldsText = (worlds: number): string => `${worlds} ${worlds === 1 ? 'world' : 'worlds'}`;
