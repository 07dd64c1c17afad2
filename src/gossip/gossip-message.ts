import type { BucketScope } from './buckets.ts';
import type { Delta, GossipDigest } from './delta.ts';
import type { Counter } from './endpoint-state.ts';
import type { Uint64 } from './keyed-hash.ts';

/** How an exchange runs. Push-pull is the default; the other two exist to be compared with it. */
export type ExchangeStyle = 'push' | 'pull' | 'pushPull';

/** First message of an exchange: where I stand with everybody. Lost: the next interval brings another. */
export interface GossipSyn {
  readonly kind: 'syn';
  readonly style: ExchangeStyle;
  /** What part of the endpoints the digests tell of; null: everybody that the sender knows. */
  readonly scope: BucketScope | null;
  readonly digests: readonly GossipDigest[];
}

/** Answer to SYN: what I want from you (not in pull) and what you lack (not in push). */
export interface GossipAck {
  readonly kind: 'ack';
  readonly requests: readonly GossipDigest[];
  readonly deltas: readonly Delta[];
}

/** Answer to ACK: what you asked for. Also sent alone. Lost: the next exchange repeats it. */
export interface GossipAck2 {
  readonly kind: 'ack2';
  readonly deltas: readonly Delta[];
}

/**
 * Rides on every probe and every answer to one: what I hold, in 16 bytes. Whoever meets another root starts an exchange, by
 * and by. Lost: the next probe brings another.
 */
export interface GossipRoots {
  readonly kind: 'roots';
  readonly state: Uint64;
  readonly liveness: Uint64;
}

/**
 * Opens an exchange among many endpoints: what each bucket of them holds here, 32 bits each, of the state counters or of
 * the bulk ones. Answered by a SYN about the buckets that differ; by nothing if none does. A single hash of everybody only
 * asks whether there is any difference, and is answered by the buckets.
 */
export interface GossipBuckets {
  readonly kind: 'buckets';
  readonly counter: Counter;
  /** 1, 64, 128 or 256 hashes. */
  readonly hashes: readonly number[];
}

/** The messages of an exchange. */
export type GossipMessage = GossipSyn | GossipAck | GossipAck2 | GossipBuckets;

/** Whether it compares all that both sides hold. An announcement is a SYN too, but about one host in nobody's scope. */
export function opensExchange(message: GossipMessage): boolean {
  return message.kind === 'buckets' || (message.kind === 'syn' && message.scope?.buckets.length !== 0);
}
