import { parse } from 'yaml';
import { RingError } from '../base/error.ts';
import type { SimulationOptions } from '../sim/simulation.ts';
import { parseDurationMs } from './duration.ts';
import { readTextFile } from './text-file.ts';

type SimulatedConfig = NonNullable<SimulationOptions['config']>;

/** The settings of murmurd's file that a simulation depends on, each with its reader. */
const readers = {
  gossipIntervalMs: (value: unknown) => numberOf('gossipIntervalMs', value, durationMs(value), 50, 60_000),
  phiThreshold: (value: unknown) => numberOf('phiThreshold', value, value, 5, 16),
  tokens: (value: unknown) => numberOf('tokens', value, Number.isInteger(value) ? value : null, 1, 256),
  detector: (value: unknown) => {
    if (value === 'phi' || value === 'swim') return value;
    throw refused('detector', value, 'phi or swim');
  },
} as const;

/** What a configuration file says that matters to a simulation, and what it says besides. */
export interface SimConfig {
  readonly config: SimulatedConfig;
  readonly used: readonly string[];
  readonly ignored: readonly string[];
}

/**
 * Reads the user's own murmurd file. What concerns only a real node (addresses, secrets, directories) is left aside and
 * named. Throws INVALID_ARGUMENT or INVALID_CONFIG.
 */
export function readSimConfig(path: string): SimConfig {
  const text = readTextFile(path, 'configuration file');
  let settings: unknown;
  try {
    settings = parse(text) ?? {};
  } catch (cause) {
    throw new RingError('INVALID_CONFIG', `${path} is not valid YAML`, {
      hint: 'Write one "key: value" a line.',
      cause,
    });
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new RingError('INVALID_CONFIG', `${path} holds no settings`, { hint: 'Write one "key: value" a line.' });
  }
  const config: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(settings)) {
    if (Object.hasOwn(readers, key)) config[key] = readers[key as keyof typeof readers](value);
    else ignored.push(key);
  }
  return { config: config as SimulatedConfig, used: Object.keys(config), ignored };
}

function durationMs(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return parseDurationMs(value);
  } catch {
    return null;
  }
}

/** `got` as the file says it, `value` what it stands for. */
function numberOf(key: string, got: unknown, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw refused(key, got, `${least} to ${most}`);
}

function refused(key: string, got: unknown, expected: string): RingError {
  return new RingError('INVALID_CONFIG', `${key}: got ${JSON.stringify(got)}, expected ${expected}`, {
    hint: 'Correct it in the configuration file.',
    details: { key },
  });
}
