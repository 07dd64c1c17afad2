import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { RingError } from '../base/error.ts';
import type { Address } from '../base/id.ts';
import { hourMs, minuteMs, secondMs } from '../base/time.ts';
import { defaultNodeConfig } from '../node/node-config.ts';
import type { Token } from '../token/token.ts';
import { formatAddress, type HostPort, isLoopback, isWildcard, parseAddress } from './address.ts';
import { maxTokens, readInitialTokens } from './initial-tokens.ts';
import { nearestKey } from './nearest-key.ts';
import { type LogLevel, logLevels, type NodeOptions, nodeOptionKeys } from './node-options.ts';
import { readHttpToken, readSecret } from './node-secret.ts';
import { OptionReader } from './option-reader.ts';
import type { RangeMovementHandler } from './range-movement-handler.ts';
import { maxSeeds } from './seed-resolver.ts';
import { shown } from './shown.ts';

/** `NodeOptions` with every default filled in, every value checked, every file read. */
export interface ResolvedNodeOptions {
  readonly cluster: string;
  readonly listen: HostPort;
  /** Null: where it listens. Port 0 stands for the port it listens at. */
  readonly advertise: HostPort | null;
  /** Canonical, without repetition. */
  readonly seeds: readonly Address[];
  /** Absolute path of the file that holds them instead, or null. */
  readonly seedsFile: string | null;
  /** No seeds and on loopback: the node's own advertised address is its only seed. */
  readonly ownSeed: boolean;
  /** Absolute path. */
  readonly data: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly tokens: number;
  /** Empty: to be allocated. */
  readonly initialTokens: readonly Token[];
  readonly allowConfigChange: boolean;
  /** Null: no HTTP. */
  readonly http: HostPort | null;
  readonly httpToken: string | null;
  readonly secret: Uint8Array | null;
  readonly insecure: boolean;
  readonly found: boolean;
  readonly join: boolean;
  readonly strictJoin: boolean;
  readonly joinAsNew: boolean;
  /** The host id to take the place of, or null. */
  readonly replace: string | null;
  /** From `joinTimeout`: how long this node waits before it gives up. */
  readonly shadowTimeoutMs: number;
  readonly joinTimeoutMs: number;
  readonly skipSchema: readonly string[];
  readonly detector: 'swim' | 'phi';
  readonly phiThreshold: number;
  readonly gossipIntervalMs: number;
  readonly onStart: NodeOptions['onStart'] | null;
  readonly onRangeMovement: RangeMovementHandler | null;
  readonly loadProvider: (() => number | Promise<number>) | null;
  /** Absolute path, or null. */
  readonly loadDirectory: string | null;
  readonly logLevel: LogLevel;
  readonly logger: Logger | null;
  readonly signal: AbortSignal | null;
  /** What is allowed and yet unwise, one sentence each: to be logged. */
  readonly warnings: readonly string[];
}

const maxNameLength = 48;
const maxPathLength = 4_096;

/**
 * Checks what `startNode` was given and fills in the defaults. Reads `secretFile` and `httpTokenFile`, nothing else.
 * Throws INVALID_CONFIG or INVALID_ADDRESS with `details.key`, and INSECURE where something would listen unprotected.
 */
export function resolveNodeOptions(options: NodeOptions): ResolvedNodeOptions {
  refuseUnknownKeys(options);
  const reader = new OptionReader(options);
  const warnings: string[] = [];
  const listen = reader.address('listen', '127.0.0.1:7600');
  const seeds = readSeeds(reader);
  const seedsFile = readPath(reader, 'seedsFile');
  const initialTokens = readInitialTokens(reader);
  const resolved: ResolvedNodeOptions = {
    cluster: readCluster(reader),
    listen,
    advertise: readAdvertise(reader, listen),
    seeds,
    seedsFile,
    ownSeed: seeds.length === 0 && seedsFile === null && isLoopback(listen.host),
    data: resolve(reader.text('data', 'murmuring-data', maxPathLength)),
    datacenter: reader.text('datacenter', defaultNodeConfig.datacenter, maxNameLength),
    rack: reader.text('rack', defaultNodeConfig.rack, maxNameLength),
    tokens: reader.integer('tokens', initialTokens.length || defaultNodeConfig.tokens, { from: 1, to: maxTokens }),
    initialTokens,
    allowConfigChange: reader.boolean('allowConfigChange', false),
    http: readHttp(reader),
    httpToken: readHttpToken(reader),
    secret: readSecret(reader, (text) => warnings.push(text)),
    insecure: reader.boolean('insecure', false),
    found: reader.boolean('found', false),
    join: reader.boolean('join', true),
    strictJoin: reader.boolean('strictJoin', true),
    joinAsNew: reader.boolean('joinAsNew', false),
    replace: readReplace(reader),
    shadowTimeoutMs: reader.durationMs('joinTimeout', defaultNodeConfig.shadowTimeoutMs, {
      from: secondMs,
      to: hourMs,
    }),
    joinTimeoutMs: reader.durationMs('joinTimeoutMs', defaultNodeConfig.joinTimeoutMs, { from: secondMs, to: hourMs }),
    skipSchema: readTexts(reader, 'skipSchema'),
    detector: reader.oneOf('detector', defaultNodeConfig.detector, ['swim', 'phi']),
    phiThreshold: reader.number('phiThreshold', defaultNodeConfig.phiThreshold, { from: 5, to: 16 }),
    gossipIntervalMs: reader.durationMs('gossipIntervalMs', defaultNodeConfig.gossipIntervalMs, {
      from: 50,
      to: minuteMs,
    }),
    onStart: readFunction(reader, 'onStart', 'a function that takes the node') ?? null,
    onRangeMovement: readFunction(reader, 'onRangeMovement', 'a function that moves data') ?? null,
    loadProvider: readLoadProvider(reader),
    loadDirectory: readPath(reader, 'loadDirectory'),
    logLevel: reader.oneOf('logLevel', 'info', logLevels),
    logger: readLogger(reader),
    signal: readSignal(reader),
    warnings,
  };
  warnUnprotected(resolved, (text) => warnings.push(text));
  const { advertise } = resolved;
  if (advertise !== null && !isLoopback(advertise.host) && isLoopback(listen.host)) {
    const answers = `listen ${formatAddress(listen)} answers this host alone`;
    warnings.push(`advertise: others are told to come to ${formatAddress(advertise)}, and ${answers}`);
  }
  return resolved;
}

function refuseUnknownKeys(options: NodeOptions): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new RingError('INVALID_CONFIG', `options: got ${shown(options)}, expected an object`, {
      hint: "Call startNode({ cluster: 'name' }).",
    });
  }
  for (const key of Object.keys(options)) {
    if (nodeOptionKeys.includes(key)) continue;
    const near = nearestKey(key, nodeOptionKeys);
    throw new RingError('INVALID_CONFIG', `${key}: no such option`, {
      hint: near === null ? `Known are ${nodeOptionKeys.join(', ')}.` : `Did you mean ${near}?`,
      details: { key },
    });
  }
}

function readCluster(reader: OptionReader): string {
  if (reader.has('cluster')) return reader.text('cluster', '', maxNameLength);
  return reader.refuse('cluster', 'the name of the cluster', 'Name it: --cluster NAME, MURMURING_CLUSTER or cluster.');
}

function readAdvertise(reader: OptionReader, listen: HostPort): HostPort | null {
  if (!reader.has('advertise')) {
    if (!isWildcard(listen.host)) return null;
    const hint = `Say where the others reach this node, such as advertise 10.0.0.1:${listen.port}.`;
    return reader.refuse('advertise', `an address, because listen is the wildcard ${formatAddress(listen)}`, hint);
  }
  const advertise = reader.address('advertise', '');
  return isWildcard(advertise.host) ? reader.refuse('advertise', 'an address that others can reach') : advertise;
}

function readSeeds(reader: OptionReader): readonly Address[] {
  if (reader.has('seeds') && reader.has('seedsFile'))
    reader.refuse('seedsFile', 'no seedsFile beside seeds: one of the two');
  const value = reader.raw('seeds') ?? [];
  if (!Array.isArray(value)) return reader.refuse('seeds', 'a list of addresses');
  if (value.length > maxSeeds) return reader.refuse('seeds', `at most ${maxSeeds} addresses`);
  const seeds = value.map((text: unknown) => {
    const seed = parseAddress(text, 'seeds');
    if (seed.port === 0 || isWildcard(seed.host))
      reader.refuse('seeds', 'addresses that can be reached, none with port 0');
    return formatAddress(seed);
  });
  return [...new Set(seeds)];
}

function readTexts(reader: OptionReader, key: string): readonly string[] {
  const value = reader.raw(key) ?? [];
  const fits = Array.isArray(value) && value.length <= maxSeeds && value.every((text) => typeof text === 'string');
  return fits ? value : reader.refuse(key, `a list of at most ${maxSeeds} texts`);
}

function readHttp(reader: OptionReader): HostPort | null {
  const value = reader.raw('http');
  return value === false || value === 'off' ? null : reader.address('http', '127.0.0.1:7601');
}

function readReplace(reader: OptionReader): string | null {
  const hostId = reader.text('replace', null, 36);
  if (hostId !== null && !reader.boolean('join', true))
    reader.refuse('replace', 'no replace beside join: false: an observer takes no place in the ring');
  if (hostId === null || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(hostId)) return hostId;
  return reader.refuse('replace', 'a host id', 'Give the host id of the dead node as `ringctl status` shows it.');
}

function readFunction<Key extends 'onStart' | 'onRangeMovement'>(
  reader: OptionReader,
  key: Key,
  expected: string,
): NodeOptions[Key] {
  const value = reader.raw(key);
  return value === undefined || typeof value === 'function'
    ? (value as NodeOptions[Key])
    : reader.refuse(key, expected);
}

function readLoadProvider(reader: OptionReader): ResolvedNodeOptions['loadProvider'] {
  if (!reader.has('loadProvider')) return null;
  if (reader.has('loadDirectory'))
    reader.refuse('loadDirectory', 'no loadDirectory beside loadProvider: one of the two');
  const value = reader.raw('loadProvider');
  if (typeof value === 'function') return value as () => number | Promise<number>;
  return reader.refuse('loadProvider', 'a function that answers a number of bytes');
}

function readPath(reader: OptionReader, key: string): string | null {
  const path = reader.text(key, null, maxPathLength);
  return path === null ? null : resolve(path);
}

function readLogger(reader: OptionReader): Logger | null {
  const value = reader.raw('logger') as Partial<Logger> | undefined;
  if (value === undefined) return null;
  if (typeof value.info === 'function' && typeof value.child === 'function') return value as Logger;
  // Shown by its type only: a foreign object may be large, or circular.
  throw new RingError('INVALID_CONFIG', `logger: got a value of type ${typeof value}, expected a pino logger`, {
    details: { key: 'logger' },
  });
}

function readSignal(reader: OptionReader): AbortSignal | null {
  const value = reader.raw('signal');
  if (value === undefined) return null;
  return value instanceof AbortSignal ? value : reader.refuse('signal', 'an AbortSignal');
}

/** Off loopback nothing listens unprotected unless `insecure` says so (design section 9). */
function warnUnprotected(resolved: ResolvedNodeOptions, warn: (text: string) => void): void {
  const { listen, http, secret, httpToken, insecure } = resolved;
  const open: { key: string; text: string; hint: string }[] = [];
  if (!isLoopback(listen.host) && secret === null) {
    const text = `listen: ${formatAddress(listen)} is not on loopback, and there is no cluster secret`;
    open.push({ key: 'listen', text, hint: 'Give all members one secret: --secret-file FILE or MURMURING_SECRET' });
  }
  if (http !== null && !isLoopback(http.host) && httpToken === null) {
    const text = `http: ${formatAddress(http)} is not on loopback, and there is no HTTP token`;
    open.push({ key: 'http', text, hint: 'Give it one: --http-token-file FILE or MURMURING_HTTP_TOKEN' });
  }
  for (const { key, text, hint } of open) {
    if (!insecure)
      throw new RingError('INSECURE', text, {
        hint: `${hint}; or --insecure if you trust that network.`,
        details: { key },
      });
    warn(`${text}: anybody who reaches it can use it`);
  }
}
