import type { HostId } from '../base/id.ts';
import type { Token } from '../token/token.ts';

/** An operation of the ring as an operator asks for it. A bootstrap and a replace are asked for by the node that joins. */
export type OperationRequest =
  /** `hostId` leaves: it hands its ranges over, and is a removed host afterwards. */
  | { readonly operation: 'decommission'; readonly hostId: HostId }
  /** `hostId` owns these tokens instead of its own; as many, and one in all practice. */
  | { readonly operation: 'move'; readonly hostId: HostId; readonly tokens: readonly Token[] }
  /** The dead `hostId` is removed once the others have fetched what it owned from one another. */
  | { readonly operation: 'removenode'; readonly hostId: HostId }
  /** The keyspace gets another replication map. */
  | {
      readonly operation: 'alterReplication';
      readonly keyspace: string;
      readonly replication: Readonly<Record<string, string | number>>;
    };
