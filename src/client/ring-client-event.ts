import type { Liveness } from '../api/ring-terms.ts';
import type { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';

/** What a `RingClient` tells its listeners, by `kind`. */
export type RingClientEvent =
  /** The client routes by another ring now: a new epoch, another lineage, or members that moved. */
  | { readonly kind: 'ring'; readonly epoch: number; readonly ringFingerprint: string; readonly lineage: string }
  /** A member is seen otherwise than before. */
  | { readonly kind: 'liveness'; readonly hostId: HostId; readonly liveness: Liveness }
  | { readonly kind: 'schema'; readonly schemaVersion: string }
  /** The event stream of the node at `origin` is open; what the client holds is live from its next snapshot on. */
  | { readonly kind: 'connected'; readonly origin: string }
  /** It ended. The client routes on by what it holds, and looks for another node. */
  | { readonly kind: 'disconnected'; readonly origin: string; readonly error: RingError }
  /**
   * The node at `origin` follows another lineage that has come no further: the client keeps what it holds, and looks for a
   * node of its own. Once an operator has ended the fork in favour of the other, connect a new client, or wait until that
   * lineage has come further.
   */
  | { readonly kind: 'fork'; readonly origin: string; readonly held: LineageStand; readonly seen: LineageStand };

/** How far a lineage has come. */
export interface LineageStand {
  readonly lineage: string;
  readonly epoch: number;
}

export type RingClientEventKind = RingClientEvent['kind'];

/** The event of one kind. */
export type RingClientEventOf<Kind extends RingClientEventKind> = Extract<RingClientEvent, { kind: Kind }>;
