import type { HostId } from '../base/id.ts';
import type { Destination, Source } from '../node/core-io.ts';
import type { Channel, Message } from '../node/message.ts';
import type { Rejection } from '../wire/rejection.ts';
import type { TransportCounters } from './transport-counters.ts';

/**
 * Whom a transport tells. Never called from within `send`, never after `close` resolved. What a handler throws is not
 * caught here: a handler is total.
 */
export interface TransportHandler {
  /** An authentic, checked message. `channel` is how it came: what was too long for a datagram came by stream. */
  message(from: Source, channel: Channel, message: Message): void;
  /**
   * A message that went by stream was not delivered, or may not have been. A hint, not a receipt: nothing is known of lost
   * datagrams, of answers on a stream that the other end opened, and of what the network swallowed without a word.
   */
  sendFailed(to: Destination): void;
}

/** Carries messages between nodes: sealed, checked, counted. */
export interface Transport {
  /** Where this node listens, the port taken. The host is an IP address without brackets. */
  readonly address: { readonly host: string; readonly port: number };
  readonly counters: TransportCounters;
  /**
   * The node has founded or learned its cluster: from now on ordinary frames can be sent and opened. The same id again
   * changes nothing; another one is an `InvariantViolation`.
   */
  bindCluster(clusterId: string): void;
  /**
   * Best effort; never throws for what the network does. Messages of the shadow round go by stream, whatever `channel`
   * says, and so does what does not fit one datagram. `to.hostId` null is for messages of the shadow round alone, and
   * other messages need the cluster to be bound: otherwise `InvariantViolation`. Nothing happens after `close`.
   */
  send(to: Destination, channel: Channel, message: Message): void;
  /** Ends every stream after what was written to it, briefly, and closes everything. Safe to call twice. */
  close(): Promise<void>;
}

/** What every transport is told about the node that it works for. */
export interface TransportIdentity {
  readonly clusterName: string;
  /** Null until the node has founded or learned its cluster. */
  readonly clusterId: string | null;
  /** Empty: no confidentiality and no authenticity (loopback, or `--insecure`). */
  readonly secret: Uint8Array;
  readonly hostId: HostId;
  /** 16 hex characters, random at each start. */
  readonly bootNonce: string;
  readonly handler: TransportHandler;
  /** Told of everything that is dropped, after it was counted: for logs, which the callee must limit. */
  readonly onRejected?: (rejection: Rejection, from: string) => void;
}
