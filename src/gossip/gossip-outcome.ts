import type { HostId } from '../base/id.ts';
import type { EndpointState } from './endpoint-state.ts';
import type { GossipMessage } from './gossip-message.ts';

/**
 * What is known of a host moved; at most one a host and message. `new`: first heard of. `restarted`: a higher generation
 * replaced everything. `updated`: keys differ. `heartbeat`: nothing but the counter advanced.
 */
export interface StateChange {
  readonly hostId: HostId;
  readonly kind: 'new' | 'restarted' | 'updated' | 'heartbeat';
  /** What was known before; null for `new`. */
  readonly previous: EndpointState | null;
  readonly state: EndpointState;
  /** Keys that differ, deleted ones included, STATUS first; all old and new ones after a restart. */
  readonly keys: readonly string[];
}

/** A claim about this node above what it ever said: a copied store, a leftover, or a forgery. Never applied. */
export interface SelfClaim {
  /** Who passed it on. */
  readonly from: HostId;
  readonly generation: number;
  readonly version: number;
  /** BOOT_NONCE and ADDRESS of the claim; null if it has none. */
  readonly bootNonce: string | null;
  readonly address: string | null;
}

/** State that was not taken: of a generation more than a day ahead of the local clock, of a barred host, ill-formed, or too much. */
export interface RefusedState {
  readonly hostId: HostId;
  readonly reason: 'generation' | 'barred' | 'malformed' | 'oversized';
  readonly generation: number;
}

/** What a message came to. The table has moved already, as a whole: whoever reads it at the first change sees all. */
export interface GossipOutcome {
  readonly reply: GossipMessage | null;
  readonly changes: readonly StateChange[];
  readonly selfClaims: readonly SelfClaim[];
  readonly refused: readonly RefusedState[];
}
