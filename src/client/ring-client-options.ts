import { RingError } from '../base/error.ts';

/** What `RingClient.connect` takes. */
export interface RingClientOptions {
  /** HTTP addresses of some nodes, `host:port` or URL; one that answers is enough, the others are learnt from it. */
  readonly contactPoints: readonly string[];
  /**
   * Name of the cluster. A node of another one is passed over, so that a wrong or reused address leads no key astray.
   * Without it the ring of the node that answers first is followed, and no other cluster's after it.
   */
  readonly cluster?: string;
  /** Bearer token of the cluster's HTTP API. Off loopback the nodes ask for one. */
  readonly token?: string;
  /** PEM certificates to trust instead of the system's, for `https` contact points. */
  readonly ca?: string | Uint8Array;
  /**
   * How long `connect` looks for a node that sends its ring, in ms. Default 10,000: each contact point gets its turn
   * (at most 2.5 s, at least 0.5 s). A lower value fails sooner while the cluster is restarting.
   */
  readonly connectTimeoutMs?: number;
  /**
   * How long a node may send nothing, not even a keep-alive, before the client leaves it for another, in ms. Default
   * 30,000, three of a node's keep-alive intervals. Lower finds a vanished host sooner, and mistakes a slow one for it.
   */
  readonly idleTimeoutMs?: number;
}

/** What routing by a key takes. */
export interface KeyspaceOption {
  /** Whose replication counts. Without it a key has one replica. */
  readonly keyspace?: string;
}

/** A number of milliseconds as an option gives it. Throws RingError INVALID_ARGUMENT for what no timer can wait. */
export function positiveMs(name: string, got: number | undefined, fallback: number): number {
  const value = got ?? fallback;
  if (Number.isSafeInteger(value) && value >= 1 && value < 2 ** 31) return value;
  throw new RingError('INVALID_ARGUMENT', `got ${String(value)} as ${name}, expected milliseconds from 1 to 2^31 − 1`);
}
