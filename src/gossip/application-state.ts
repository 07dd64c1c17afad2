import type { Counter } from './endpoint-state.ts';

/**
 * Names of the application states that murmuring itself gossips (Cassandra's ApplicationState). State keys are strings
 * on purpose: a key that a node does not know is kept and passed on untouched.
 */
export const ApplicationState = {
  /** `NORMAL,<epoch>`, `BOOT,<epoch>`, …: the field's word and the epoch that allows it; `shutdown,true` on a clean stop. */
  status: 'STATUS',
  /** `<epoch>,<base64 of 8-byte big-endian tokens>`. Set in one step with STATUS. */
  tokens: 'TOKENS',
  datacenter: 'DC',
  rack: 'RACK',
  /** Advertised gossip address, `host:port`. */
  address: 'ADDRESS',
  /** Advertised HTTP address, `host:port`; absent when HTTP is off. */
  httpAddress: 'HTTP_ADDRESS',
  releaseVersion: 'RELEASE_VERSION',
  /** 16 hex characters, random at each start: tells two processes with one host id apart. */
  bootNonce: 'BOOT_NONCE',
  /** How a node means to serve: `DRAINED`, or `RESTARTING,<unix ms until which it is expected back>`; absent: as ever. */
  mode: 'MODE',
  // Bulk keys: a counter and deltas of their own, outside the state root.
  load: 'LOAD',
  schema: 'SCHEMA',
  ringFingerprint: 'RING',
} as const;

/** The `MODE` of a node that serves no more. */
export const drainedMode = 'DRAINED';
/** MODE of a node whose event loop runs late. */
export const overloadedMode = 'OVERLOADED';

/** Prefix of the application's own keys; those under `x:bulk:` are bulk keys. */
export const applicationKeyPrefix = 'x:';
export const applicationBulkPrefix = 'x:bulk:';

/** Bulk keys of later releases start so: a node that does not know them still counts them on the right counter. */
export const reservedBulkPrefix = 'BULK_';

const bulkKeys: ReadonlySet<string> = new Set([
  ApplicationState.load,
  ApplicationState.schema,
  ApplicationState.ringFingerprint,
]);

/** True for keys that are counted by the bulk counter. */
export function isBulkKey(key: string): boolean {
  return bulkKeys.has(key) || key.startsWith(applicationBulkPrefix) || key.startsWith(reservedBulkPrefix);
}

/** The counter that a key belongs to, by its name alone. */
export function counterOf(key: string): Counter {
  return isBulkKey(key) ? 'bulk' : 'state';
}
