import type { Liveness, MemberMode, MemberState } from '../api/ring-terms.ts';
import type { HostId } from '../base/id.ts';
import type { Token } from '../token/token.ts';

/** A replica of a key, or one that is becoming it. */
export interface Replica {
  readonly hostId: HostId;
  /** Gossip address; null for a member that the client's node has not heard of yet. */
  readonly address: string | null;
  /** Null if the member serves no HTTP. */
  readonly httpAddress: string | null;
  readonly datacenter: string;
  readonly rack: string;
  /** As last seen by the node that the client follows. */
  readonly liveness: Liveness;
  /** How it means to serve: prefer others to one that is not `ok`. */
  readonly mode: MemberMode;
}

/** Where a key belongs, by the ring of `epoch`. */
export interface ClientRoute {
  readonly key: string | Uint8Array;
  readonly token: Token;
  /** Null: no keyspace was named, so there is one replica, the primary owner. */
  readonly keyspace: string | null;
  /** Who is read, in Cassandra's order, primary first, dead ones included. */
  readonly replicas: readonly Replica[];
  /**
   * `replicas` in the order in which to ask them: who lives and serves first, then the overloaded, the drained and those about
   * to restart, the suspect, the dead.
   */
  readonly readOrder: readonly Replica[];
  /** Who must be written besides, because the open ring change makes it a replica, or has not ended for it. */
  readonly pending: readonly Replica[];
  /** Who is written: `replicas`, then `pending`. */
  readonly writeReplicas: readonly Replica[];
  /** How many of `replicas` must answer a quorum read. */
  readonly requiredReads: number;
  /** How many of `writeReplicas`, whichever they are, must acknowledge a quorum write. */
  readonly requiredWriteAcks: number;
  /** Pass it on with the request: a replica that knows a newer ring for this key refuses it (`guard`). */
  readonly epoch: number;
  readonly ringFingerprint: string;
}

/** (start, end], the whole ring if they are equal, and the replicas that are read, primary first. */
export interface ClientRange {
  readonly start: Token;
  readonly end: Token;
  readonly replicas: readonly Replica[];
}

export interface Member extends Replica {
  readonly state: MemberState;
  /** What it owns, or, if it joins, will own. */
  readonly tokens: readonly Token[];
}
