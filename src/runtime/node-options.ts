import type { Logger } from 'pino';
import type { Address } from '../base/id.ts';
import type { MurmuringNode } from './murmuring-node.ts';
import type { RangeMovementHandler } from './range-movement-handler.ts';

/** How much is logged, least first. `silent` logs nothing. */
export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A duration: `500ms`, `60s`, `2m`, `1h`, or a number of milliseconds. */
export type Duration = string | number;

/**
 * What `startNode` takes: the camelCase of murmurd's flags and YAML keys, and what only an application can give.
 * Unknown keys are refused. Addresses are `host:port` or `[IPv6]:port`.
 */
export interface NodeOptions {
  /**
   * Name of the cluster, 1 to 48 characters. No default on purpose: two clusters that share a default name and one
   * wrong seed would meet. Fixed once the store has it.
   */
  readonly cluster: string;

  /**
   * Where gossip listens, UDP and TCP on one port. Default `127.0.0.1:7600`. Port 0 takes a free one. Off loopback
   * needs a `secret` (or `insecure`), as anybody who reaches the port could join.
   */
  readonly listen?: Address;
  /**
   * Where the others reach this node. Default: `listen`, with its real port; port 0 here stands for the real port too.
   * Required if `listen` is a wildcard (0.0.0.0 or [::]).
   */
  readonly advertise?: Address;
  /**
   * Members to ask for the cluster. If the list is empty and `listen` is on loopback, the node is its own seed and founds
   * a cluster of one; off loopback a node without seeds must found (`found`), or know its cluster from its store.
   */
  readonly seeds?: readonly Address[];
  /**
   * File with the seeds, instead of `seeds`: one a line or separated by commas, `#` begins a comment. Read again every few
   * seconds, so that a change counts without a restart. Nobody founds by it: one node is told to (`found`).
   */
  readonly seedsFile?: string;
  /** The node's own directory: identity, ring records, peers. Default `murmuring-data` in the working directory. One node each. */
  readonly data?: string;

  /** Datacenter, 1 to 48 characters, default `dc1`. Replicas are placed by it, so it is fixed once the node has joined. */
  readonly datacenter?: string;
  /** Rack within the datacenter, 1 to 48 characters, default `rack1`. Fixed as the datacenter is. */
  readonly rack?: string;
  /** Number of vnodes, 1 to 256, default 16. More even the load out, and make each look-up table and movement longer. */
  readonly tokens?: number;
  /**
   * The very tokens of this node, as decimal texts (or bigint), for who moves from a ring that has them; by default they are
   * allocated so that all hosts hold equal parts. Counts at the join only; a token that somebody owns forbids it. As many as
   * `tokens`, where that is given. (Cassandra: initial_token)
   */
  readonly initialTokens?: readonly (string | bigint)[];
  /** Start although `datacenter` or `rack` differ from what the store says: replicas move, their data does not. */
  readonly allowConfigChange?: boolean;

  /** Where HTTP listens, default `127.0.0.1:7601`; `false` (or `off`) for none. Off loopback needs an `httpToken` (or `insecure`). */
  readonly http?: Address | false;
  /** Bearer token that every HTTP request must bring, visible ASCII. None by default. One of this and `httpTokenFile`. */
  readonly httpToken?: string;
  readonly httpTokenFile?: string;
  /** The secret that all members share; every frame is encrypted with a key made from it. One of this and `secretFile`. */
  readonly secret?: string | Uint8Array;
  /** File that has the secret; a line break at its end does not count. */
  readonly secretFile?: string;
  /** Listen off loopback without a secret or token. For a network where everybody is trusted. */
  readonly insecure?: boolean;

  /** Found a new cluster if the store knows none, without waiting for the seeds. */
  readonly found?: boolean;
  /** Default true. False: an observer, which gossips and routes but owns nothing. */
  readonly join?: boolean;
  /**
   * Default true: a join (or a `replace`) waits while too few replicas of a range live to be sure of every acknowledged
   * write. False: it then joins all the same, and what only the dead replicas hold is lost. (Cassandra:
   * cassandra.consistent.rangemovement)
   */
  readonly strictJoin?: boolean;
  /** Join beside a dead member whose newest address is this one, instead of refusing. */
  readonly joinAsNew?: boolean;
  /**
   * Host id of a dead member whose place this node takes: it joins with that member's tokens, fetches what that member
   * held from its other replicas, and that member is removed for good. Without effect once this node is a member.
   */
  readonly replace?: string;
  /** How long this node waits for a seed, and for its join, before `startNode` gives up. 1 s to 1 h, default 60 s. */
  readonly joinTimeout?: Duration;
  /**
   * How long the others bear an open bootstrap whose joiners are dead before they abort it (before `switch`) or end it
   * (after). 1 s to 1 h, default 30,000 ms. Shorter than a joiner's restart: the restart finds its join undone.
   */
  readonly joinTimeoutMs?: Duration;

  /**
   * Schema versions, host ids or addresses that the join does not wait for. Without it a join waits up to 30 s for every
   * schema version that a member reports, and gives up when nobody serves it. For a version whose only holder is lost.
   */
  readonly skipSchema?: readonly string[];

  /**
   * The failure detector that a founder writes into the cluster; others take the cluster's, and log it if this differs.
   * `swim` (default): probes and rumors, cost constant in the number of nodes, a crash is dead after about 3 s. `phi`:
   * Cassandra's heartbeats, cost grows with the number of nodes, for up to 200; a crash is dead after about 18 s.
   */
  readonly detector?: 'swim' | 'phi';
  /**
   * With `phi` only: conviction at phi ≥ this, 5 to 16, default 8. At a gossip interval of 1 s a silent node is seen down after about
   * threshold · ln 10 ≈ 18 s. Lower finds faster and convicts the merely slow; higher the other way.
   */
  readonly phiThreshold?: number;
  /** At most one gossip exchange each interval, with `phi` exactly one. 50 ms to 1 min, default 1,000. Lower converges faster and costs proportionally more. */
  readonly gossipIntervalMs?: Duration;

  /**
   * Called once the node knows its cluster, before it joins, with the node that `startNode` resolves with later: the place
   * to set application states that the others need (where the application listens) and to begin to serve, for a joiner is
   * written to while it joins. Its failure fails the start.
   */
  readonly onStart?: (node: MurmuringNode) => void | Promise<void>;

  /**
   * Moves the application's data when ranges change hands: called at each node that gains or loses, a few movements at a
   * time. The ring goes on only once all have resolved; a rejection is a failure of the operation, shown and resumable.
   * Without it there is no data to move, and the ring changes at once. All nodes of a cluster should agree on this.
   */
  readonly onRangeMovement?: RangeMovementHandler;

  /** Bytes of data that the application holds on this node: gossiped as LOAD each minute. One of this and `loadDirectory`. */
  readonly loadProvider?: () => number | Promise<number>;
  /** Directory whose size is gossiped as LOAD. */
  readonly loadDirectory?: string;

  /** Default `info`. Not used with a `logger` of one's own. */
  readonly logLevel?: LogLevel;
  /** The application's own pino logger. Default: JSON to standard output. */
  readonly logger?: Logger;
  /** Aborts a start in progress: `startNode` then stops what it began and rejects with STOPPED. */
  readonly signal?: AbortSignal;
}

/** Every key of `NodeOptions`; the compiler keeps it complete. */
const known: Record<keyof NodeOptions, true> = {
  cluster: true,
  listen: true,
  advertise: true,
  seeds: true,
  seedsFile: true,
  data: true,
  datacenter: true,
  rack: true,
  tokens: true,
  initialTokens: true,
  allowConfigChange: true,
  http: true,
  httpToken: true,
  httpTokenFile: true,
  secret: true,
  secretFile: true,
  insecure: true,
  found: true,
  join: true,
  strictJoin: true,
  joinAsNew: true,
  replace: true,
  joinTimeout: true,
  joinTimeoutMs: true,
  skipSchema: true,
  detector: true,
  phiThreshold: true,
  gossipIntervalMs: true,
  onStart: true,
  onRangeMovement: true,
  loadProvider: true,
  loadDirectory: true,
  logLevel: true,
  logger: true,
  signal: true,
};

export const nodeOptionKeys: readonly string[] = Object.keys(known);
