import type { Server } from 'node:net';
import type { Destination, Source } from '../node/core-io.ts';
import type { Channel, Message } from '../node/message.ts';
import { ClusterKeys } from '../wire/cluster-keys.ts';
import { Envelope, envelopeBytes, maxDatagramFrameBytes } from '../wire/envelope.ts';
import { decodeFramed, encodeMessage } from '../wire/message-codec.ts';
import { isRejection, type Rejection, rejection } from '../wire/rejection.ts';
import type { DatagramSocket } from './datagram-socket.ts';
import type { LookUp } from './name-cache.ts';
import { type Listeners, openListeners } from './open-listeners.ts';
import { receiverOf, streamHandlePrefix } from './outgoing-rules.ts';
import { type HostAndPort, parseAddress } from './socket-address.ts';
import { StreamPool } from './stream-pool.ts';
import type { Transport, TransportIdentity } from './transport.ts';
import { TransportCounters } from './transport-counters.ts';
import { defaultTransportLimits, type TransportLimits } from './transport-limits.ts';

export interface SocketTransportOptions extends TransportIdentity {
  /** IP address or name, and port; 0 takes one that is free for UDP and TCP. */
  readonly listen: HostAndPort;
  readonly limits?: Partial<TransportLimits>;
  /** How names become addresses; the system's way by default. */
  readonly lookUp?: LookUp;
}

/**
 * Opens UDP and TCP on one port (design 4 and 9). Rejects with RingError ADDRESS_IN_USE or INVALID_ADDRESS; then nothing
 * listens.
 */
export async function openSocketTransport(options: SocketTransportOptions): Promise<Transport> {
  return new SocketTransport(options, await openListeners(options.listen, options.lookUp));
}

class SocketTransport implements Transport {
  readonly address: HostAndPort;
  readonly counters = new TransportCounters();
  readonly #identity: TransportIdentity;
  readonly #limits: TransportLimits;
  readonly #keys: ClusterKeys;
  readonly #envelope: Envelope;
  readonly #datagrams: DatagramSocket;
  readonly #server: Server;
  readonly #streams: StreamPool;
  #closing: Promise<void> | null = null;

  constructor(options: SocketTransportOptions, { address, names, datagrams, server }: Listeners) {
    this.address = address;
    this.#identity = options;
    this.#limits = { ...defaultTransportLimits, ...options.limits };
    this.#keys = new ClusterKeys(options);
    this.#envelope = new Envelope({ keys: this.#keys, hostId: options.hostId, bootNonce: options.bootNonce });
    this.#datagrams = datagrams;
    this.#server = server;
    this.#streams = new StreamPool({
      identity: options,
      keys: this.#keys,
      names,
      counters: this.counters,
      limits: this.#limits,
      message: (from, message) => this.#deliver(from, 'stream', message),
      failed: (to) => this.#failed(to),
      rejected: (refused, from) => this.#reject(refused, from),
    });
    datagrams.onFrame((frame, from) => this.#frame(frame, from));
    server.on('connection', (socket) => this.#streams.accept(socket));
    // What fails on a listening socket (too many open files) fails one connection, not the node.
    server.on('error', () => {});
  }

  bindCluster(clusterId: string): void {
    this.#keys.bind(clusterId);
  }

  send(to: Destination, channel: Channel, message: Message): void {
    if (this.#closing !== null) return;
    const receiver = receiverOf(to, message, this.#keys.bound);
    const payload = encodeMessage(this.#identity.hostId, message);
    if (to.address.startsWith(streamHandlePrefix)) return this.#streams.reply(to, receiver === null, payload);
    const at = parseAddress(to.address);
    if (at === null) return this.#failed(to);
    const isLong = payload.length + envelopeBytes > maxDatagramFrameBytes;
    if (receiver === null || channel === 'stream' || isLong) {
      return this.#streams.send(to, at, receiver === null, payload);
    }
    const frame = this.#envelope.seal(receiver, payload);
    this.counters.datagramsOut++;
    this.counters.bytesOut += frame.length;
    this.#datagrams.send(frame, at, () => this.#failed(to));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const serverClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([this.#datagrams.close(this.#limits.closeGraceMs), this.#streams.close(), serverClosed]);
  }

  #frame(frame: Uint8Array, from: string): void {
    this.counters.bytesIn += frame.length;
    if (frame.length > maxDatagramFrameBytes) {
      return this.#reject(rejection('tooLarge', `a datagram of ${frame.length} bytes`), from);
    }
    const opened = this.#envelope.open(frame);
    if (isRejection(opened)) return this.#reject(opened, from);
    const decoded = decodeFramed(opened.payload, false);
    if (isRejection(decoded)) return this.#reject(decoded, from);
    this.counters.datagramsIn++;
    const source = { hostId: decoded.sender, bootNonce: opened.sender, replyTo: from };
    this.#deliver(source, 'datagram', decoded.message);
  }

  #deliver(from: Source, channel: Channel, message: Message): void {
    if (this.#closing === null) this.#identity.handler.message(from, channel, message);
  }

  /** Told in a turn of its own: never from within `send`. */
  #failed(to: Destination): void {
    this.counters.sendsFailed++;
    setImmediate(() => {
      if (this.#closing === null) this.#identity.handler.sendFailed(to);
    });
  }

  #reject(refused: Rejection, from: string): void {
    this.counters.reject(refused);
    this.#identity.onRejected?.(refused, from);
  }
}
