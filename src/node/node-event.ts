import type { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { MovementRole } from '../lifecycle/own-movements.ts';
import type { RangeMovement } from '../ring/range-movement.ts';

export type Liveness = 'alive' | 'suspect' | 'dead';

/** What the core tells its driver. Views of the whole state are read from the core itself; events say that they moved. */
export type NodeEvent =
  /** For the log: a name for programs, a sentence for people, and facts. */
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly event: string;
      readonly message: string;
      readonly facts?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'liveness'; readonly hostId: HostId; readonly liveness: Liveness }
  /** An endpoint was heard of for the first time (`restarted` false) or came back with a higher generation. */
  | { readonly kind: 'joinedGossip'; readonly hostId: HostId; readonly restarted: boolean }
  | { readonly kind: 'forgotten'; readonly hostId: HostId }
  /** Application states of a member moved; `keys` are those that changed, STATUS first. */
  | { readonly kind: 'states'; readonly hostId: HostId; readonly keys: readonly string[] }
  /** The ring moved: new epoch, fingerprint, or addresses of members. */
  | { readonly kind: 'ring'; readonly epoch: number }
  | { readonly kind: 'schema'; readonly version: string }
  /** This node is a NORMAL owner now (or, for an observer, knows the cluster). Once per start. */
  | { readonly kind: 'ready' }
  /** The frames of this cluster can be opened from now on. */
  | { readonly kind: 'cluster'; readonly clusterId: string }
  /**
   * The application is to move these ranges, here, until `movementDone` or `movementFailed` (commands). May be told again
   * after a restart, a resumption, or with other sources after `movementCancelled`; it must be idempotent.
   */
  | { readonly kind: 'movement'; readonly movement: RangeMovement; readonly role: MovementRole }
  /** The movement is not wanted any more, or not in this way: it is to be broken off. No answer is expected. */
  | { readonly kind: 'movementCancelled'; readonly movementId: string }
  /** This node has left the ring by its own decommission, and is silent: the driver stops it. It was no failure. */
  | { readonly kind: 'left'; readonly epoch: number }
  /** This node cannot go on: the driver stops it and shows the error. */
  | { readonly kind: 'fatal'; readonly error: RingError };
