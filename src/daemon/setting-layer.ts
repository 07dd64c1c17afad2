import { RingError } from '../base/error.ts';
import type { SettingKey } from './setting.ts';

/** A value and where it was written, in words that lead the reader there: `--tokens`, `murmurd.yaml line 3`. */
export interface SettingValue {
  readonly value: unknown;
  readonly origin: string;
}

/** What one source says: the flags, the environment, or the file. */
export type SettingLayer = ReadonlyMap<SettingKey, SettingValue>;

/** Two ways to say one thing: who says either overrules both of a weaker layer. */
const alternatives: readonly (readonly [SettingKey, SettingKey])[] = [
  ['seeds', 'seedsFile'],
  ['secret', 'secretFile'],
  ['httpToken', 'httpTokenFile'],
];

/** Lays the layers over one another, the strongest first. */
export function mergeLayers(strongestFirst: readonly SettingLayer[]): SettingLayer {
  const merged = new Map<SettingKey, SettingValue>();
  for (const layer of strongestFirst) {
    const overruled = new Set<SettingKey>(merged.keys());
    for (const pair of alternatives) {
      if (pair.some((key) => merged.has(key))) for (const key of pair) overruled.add(key);
    }
    for (const [key, value] of layer) if (!overruled.has(key)) merged.set(key, value);
  }
  return merged;
}

/** The same error, its message led by where the refused value was written. Other errors pass as they are. */
export function withOrigin(error: unknown, layer: SettingLayer): unknown {
  if (!(error instanceof RingError)) return error;
  const origin = layer.get(error.details.key as SettingKey)?.origin;
  if (origin === undefined) return error;
  const hint = error.hint === null ? {} : { hint: error.hint };
  return new RingError(error.code, `${origin}: ${error.message}`, { ...hint, details: error.details, cause: error });
}
