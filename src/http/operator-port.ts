import type { HostId } from '../base/id.ts';

/** An operation of the ring as an operator asks for it. */
export type RequestedOperation =
  | { readonly operation: 'decommission'; readonly hostId: HostId }
  | { readonly operation: 'move'; readonly hostId: HostId; readonly tokens: readonly bigint[] }
  | { readonly operation: 'removenode'; readonly hostId: HostId }
  | {
      readonly operation: 'alterReplication';
      readonly keyspace: string;
      readonly replication: Readonly<Record<string, string | number>>;
    };

/** An operation whose `begin` is decided. */
export interface BegunOperation {
  readonly operationId: string;
  readonly epoch: number;
}

/** A record that was decided alone, without an operation. */
export interface DecidedRecord {
  readonly kind: string;
  readonly epoch: number;
  readonly lineage: string;
}

/**
 * All that HTTP does to the ring, and to what the node says of itself. Everything rejects with a RingError if it is
 * refused, and then nothing is changed: UNKNOWN_NODE, UNKNOWN_OPERATION, REFUSED, OPERATION_OPEN, NO_MAJORITY, FORKED,
 * SUPERSEDED.
 */
export interface OperatorPort {
  /** Resolves once `begin` is decided; the rest shows in `NodePort.operations`. */
  begin(request: RequestedOperation, force: boolean): Promise<BegunOperation>;
  abort(operationId: string): Promise<void>;
  /** Has every participant try again what failed. */
  resume(operationId: string): Promise<void>;
  /** Removes a host without moving data; with `force`, where no majority is left, under a new lineage. */
  assassinate(hostId: HostId, force: boolean): Promise<DecidedRecord>;
  readmit(hostId: HostId, force: boolean): Promise<DecidedRecord>;
  /** Gives up this node's history for that of another lineage. Resolves with the epoch it is at then. */
  adopt(lineage: string): Promise<number>;
  join(): Promise<void>;
  drain(): Promise<void>;
  planRestart(leaseMs: number): Promise<void>;
}
