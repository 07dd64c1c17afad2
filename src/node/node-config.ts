import type { HostId } from '../base/id.ts';
import type { ExchangeStyle } from '../gossip/gossip-message.ts';
import { allBarriers, type Barriers } from '../lifecycle/operation-needs.ts';

/** What the core is told once. Durations in ms. Defaults are the ones for a LAN. */
export interface NodeConfig {
  readonly clusterName: string;
  readonly datacenter: string;
  readonly rack: string;
  /** Number of vnodes of this node when it joins. */
  readonly tokens: number;
  /** Its very tokens when it joins, `tokens` of them; empty: allocated, to balance the ring. (Cassandra: initial_token) */
  readonly initialTokens: readonly bigint[];
  readonly releaseVersion: string;
  /** Found a new cluster if the store knows none. */
  readonly found: boolean;
  /** False: an observer, which gossips and routes but owns nothing. */
  readonly join: boolean;
  /** False: join also where ranges have too few live sources; what only the dead ones hold is lost. */
  readonly strictJoin: boolean;
  /** Join in place of this dead member (its host id), with its tokens; null: as a member of its own. */
  readonly replace: HostId | null;
  /** The application moves data when ranges change hands (`movement` events). False: every movement is done at once. */
  readonly movements: boolean;
  /** What an operation waits for before its next step: all, but in tests that show what each is for. */
  readonly barriers: Barriers;
  /** Join although a dead member's newest address is this node's. */
  readonly joinAsNew: boolean;
  /** Start although datacenter or rack differ from what the store says. */
  readonly allowConfigChange: boolean;
  /** The detector that a founder writes into `found`. */
  readonly detector: 'phi' | 'swim';
  readonly exchangeStyle: ExchangeStyle;
  /**
   * How differences are found: `periodic`, a digest of everybody each interval (cost grows with N), or `roots`, two
   * numbers on each probe (cost constant in N, but only a detector that probes carries them). Null: `roots` under swim,
   * `periodic` under phi, which lives by the heartbeats that digests tell of.
   */
  readonly antiEntropy: 'periodic' | 'roots' | null;
  /** False: changes wait for anti-entropy. For comparisons, with `roots` only: `periodic` has no rumors. */
  readonly rumors: boolean;
  /** How many live peers a `periodic` round opens an exchange with (Cassandra: 1). More converge faster and cost as much more. */
  readonly exchangePeers: number;
  /** One exchange each interval. Lower converges faster and costs proportionally more. */
  readonly gossipIntervalMs: number;
  /** Conviction at phi ≥ this: about 10^-threshold false convictions per interval. 5 to 16. */
  readonly phiThreshold: number;
  /** A node without any seed in reach gives up after this. */
  readonly shadowTimeoutMs: number;
  /** How long a joiner waits for schema versions that others report and nobody serves, before it gives up. */
  readonly schemaTimeoutMs: number;
  /** Schema versions, host ids or addresses that a joiner does not wait for. */
  readonly skipSchema: readonly string[];
  /** An open bootstrap whose joiners are dead for this long is aborted (before `switch`) or ended (after it). */
  readonly joinTimeoutMs: number;
  /** An observer that is silent for this long is forgotten. */
  readonly observerTimeoutMs: number;
  /** Payload of one datagram after the envelope's overhead. */
  readonly maxDatagramBytes: number;
}

export const defaultNodeConfig: Omit<NodeConfig, 'clusterName' | 'releaseVersion'> = {
  datacenter: 'dc1',
  rack: 'rack1',
  tokens: 16,
  initialTokens: [],
  found: false,
  join: true,
  strictJoin: true,
  replace: null,
  movements: false,
  barriers: allBarriers,
  joinAsNew: false,
  allowConfigChange: false,
  detector: 'swim',
  exchangeStyle: 'pushPull',
  antiEntropy: null,
  rumors: true,
  exchangePeers: 1,
  gossipIntervalMs: 1_000,
  phiThreshold: 8,
  shadowTimeoutMs: 60_000,
  schemaTimeoutMs: 30_000,
  skipSchema: [],
  joinTimeoutMs: 30_000,
  observerTimeoutMs: 30_000,
  maxDatagramBytes: 1_300,
};
