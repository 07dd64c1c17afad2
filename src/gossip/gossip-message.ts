import type { Delta, GossipDigest } from './delta.ts';

/** How an exchange runs. Push-pull is the default; the other two exist to be compared with it. */
export type ExchangeStyle = 'push' | 'pull' | 'pushPull';

/** First message of an exchange: where I stand with everybody. Lost: the next interval brings another. */
export interface GossipSyn {
  readonly kind: 'syn';
  readonly style: ExchangeStyle;
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

export type GossipMessage = GossipSyn | GossipAck | GossipAck2;
