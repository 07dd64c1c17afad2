import type { Address, HostId } from '../base/id.ts';
import type { MovementRole } from '../lifecycle/own-movements.ts';
import type { RangeMovement } from '../ring/range-movement.ts';
import type { TokenRange } from '../token/token-range.ts';

/** A host that a movement names, with all that an application needs to reach it. */
export interface MovementHost {
  readonly hostId: HostId;
  /** Gossip address. Null as long as nothing was heard of the host; so is `httpAddress`. */
  readonly address: Address | null;
  readonly httpAddress: Address | null;
  readonly datacenter: string;
  readonly rack: string;
  /** Its application states, keys without their `x:`: where an application tells its own port, for example. */
  readonly states: Readonly<Record<string, string>>;
}

/** What one node has to do so that data follows the ring: exact ranges of one keyspace, from whom, to whom. */
export interface MovementTask {
  /** The same at every node and after a restart. */
  readonly id: string;
  readonly operationId: string;
  /** Why: the kind of the operation that is open. */
  readonly operation: RangeMovement['operation'];
  /** `gain`: this node is a target and fetches. `lose`: it is a source, and a replica no more once the operation ends. */
  readonly role: MovementRole;
  readonly keyspace: string;
  /** Each (left, right]. */
  readonly ranges: readonly TokenRange[];
  /** All are to be read, and what they hold merged. */
  readonly sources: readonly MovementHost[];
  readonly targets: readonly MovementHost[];
  /** The epoch by whose ring the movement is needed. */
  readonly epoch: number;
  /** Of the ring as this node sees it: equal at all who move by the same ring, members' datacenters and racks included. */
  readonly ringFingerprint: string;
}

/** How a movement and its node stay in touch. */
export interface MovementContext {
  /** Aborted when the movement is not wanted any more: the operation was aborted, or this node stops. */
  readonly signal: AbortSignal;
  /** How much is done, 0 to 1 (other numbers are taken for the nearest of these): shown in `ringctl ops`. */
  progress(ratio: number): void;
}

/**
 * Moves the data of one movement, at a node that gains or loses. Resolves once the data is durable where it belongs; a
 * rejection is a failure, and the operation stays where it is until it is resumed. May be called again for a movement
 * that it has begun or finished before, so it must be idempotent.
 */
export type RangeMovementHandler = (movement: MovementTask, context: MovementContext) => Promise<void> | void;
