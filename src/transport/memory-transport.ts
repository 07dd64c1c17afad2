import { RingError } from '../base/error.ts';
import type { Destination } from '../node/core-io.ts';
import type { Channel, Message } from '../node/message.ts';
import { ClusterKeys } from '../wire/cluster-keys.ts';
import { Envelope, envelopeBytes, maxDatagramFrameBytes } from '../wire/envelope.ts';
import { decodeFramed, encodeMessage } from '../wire/message-codec.ts';
import { isRejection, type Rejection } from '../wire/rejection.ts';
import { mustBeShadow, streamHandlePrefix } from './outgoing-rules.ts';
import { formatAddress, type HostAndPort } from './socket-address.ts';
import type { Transport, TransportIdentity } from './transport.ts';
import { TransportCounters } from './transport-counters.ts';

/** A frame on its way: by which channel, and where an answer to it goes. */
interface Delivery {
  readonly frame: Uint8Array;
  readonly channel: Channel;
  readonly replyTo: string;
}

/**
 * A network within one process: no sockets, no loss, order kept. Every message is encoded, sealed, opened and decoded as
 * on a real one, so that what passes here has the right size and form. Deliveries come in turns of their own.
 */
export class MemoryNetwork {
  readonly #nodes = new Map<string, MemoryTransport>();
  readonly #streams = new Map<string, MemoryTransport>();
  #nextPort = 1;
  #nextStream = 1;

  /** A node at `host`, port 0 for the next free one. Throws RingError ADDRESS_IN_USE. */
  open(options: TransportIdentity & { readonly listen: HostAndPort }): Transport {
    const { host } = options.listen;
    let { port } = options.listen;
    while (port === 0 || (options.listen.port === 0 && this.#nodes.has(formatAddress(host, port)))) {
      port = this.#nextPort++;
    }
    const address = formatAddress(host, port);
    if (this.#nodes.has(address)) {
      throw new RingError('ADDRESS_IN_USE', `${address} is in use by another node of this network`, {
        hint: 'Listen on another port (port 0 takes a free one).',
      });
    }
    const node = new MemoryTransport(this, options, { host, port });
    this.#nodes.set(address, node);
    return node;
  }

  /** Who is at an address, or at the other end of a stream's handle. */
  at(address: string): MemoryTransport | null {
    return this.#nodes.get(address) ?? this.#streams.get(address) ?? null;
  }

  /** A handle that leads back to `node` until it closes. */
  handleOf(node: MemoryTransport): string {
    const handle = `${streamHandlePrefix}${this.#nextStream++}`;
    this.#streams.set(handle, node);
    return handle;
  }

  /** Takes a node off the network, with all handles that lead to it. */
  leave(node: MemoryTransport): void {
    this.#nodes.delete(formatAddress(node.address.host, node.address.port));
    for (const [handle, owner] of this.#streams) if (owner === node) this.#streams.delete(handle);
  }
}

class MemoryTransport implements Transport {
  readonly address: HostAndPort;
  readonly counters = new TransportCounters();
  readonly #network: MemoryNetwork;
  readonly #identity: TransportIdentity;
  readonly #keys: ClusterKeys;
  readonly #envelope: Envelope;
  readonly #handles = new Map<MemoryTransport, string>();
  #closing = false;
  #closed = false;

  constructor(network: MemoryNetwork, identity: TransportIdentity, address: HostAndPort) {
    this.#network = network;
    this.#identity = identity;
    this.address = address;
    this.#keys = new ClusterKeys(identity);
    this.#envelope = new Envelope({ keys: this.#keys, hostId: identity.hostId, bootNonce: identity.bootNonce });
  }

  bindCluster(clusterId: string): void {
    this.#keys.bind(clusterId);
  }

  send(to: Destination, channel: Channel, message: Message): void {
    if (this.#closing) return;
    const shadow = mustBeShadow(to, message, this.#keys.bound);
    const payload = encodeMessage(this.#identity.hostId, message);
    const datagram =
      channel === 'datagram' &&
      !shadow &&
      payload.length + envelopeBytes <= maxDatagramFrameBytes &&
      !to.address.startsWith(streamHandlePrefix);
    const frame = this.#envelope.seal(datagram ? 'datagram' : 'memoryStream', to.hostId, shadow, payload);
    this.counters.bytesOut += frame.length;
    if (datagram) this.counters.datagramsOut++;
    else this.counters.streamMessagesOut++;
    setImmediate(() => {
      const receiver = this.#network.at(to.address);
      if (receiver === null) {
        if (!datagram) this.#failed(to);
        return;
      }
      const replyTo = datagram ? formatAddress(this.address.host, this.address.port) : this.#handleFor(receiver);
      const refused = receiver.deliver({ frame, channel: datagram ? 'datagram' : 'stream', replyTo });
      // A receiver that cannot open a stream's frame closes the stream.
      if (refused && !datagram) this.#failed(to);
    });
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    // What was sent before is on its way: its turn comes first.
    await new Promise((resolve) => setImmediate(resolve));
    this.#closed = true;
    this.#network.leave(this);
  }

  /** Called by the sender's end. True if the frame was refused. */
  deliver({ frame, channel, replyTo }: Delivery): boolean {
    this.counters.bytesIn += frame.length;
    const opened = this.#envelope.open(channel === 'datagram' ? 'datagram' : 'memoryStream', frame);
    if (isRejection(opened)) return this.#reject(opened, replyTo);
    const decoded = decodeFramed(opened.payload, opened.shadow);
    if (isRejection(decoded)) return this.#reject(decoded, replyTo);
    if (channel === 'datagram') this.counters.datagramsIn++;
    else this.counters.streamMessagesIn++;
    const source = { hostId: decoded.sender, bootNonce: opened.sender, replyTo };
    if (!this.#closed) this.#identity.handler.message(source, channel, decoded.message);
    return false;
  }

  #handleFor(receiver: MemoryTransport): string {
    const handle = this.#handles.get(receiver) ?? this.#network.handleOf(this);
    this.#handles.set(receiver, handle);
    return handle;
  }

  #failed(to: Destination): void {
    this.counters.sendsFailed++;
    if (!this.#closed) this.#identity.handler.sendFailed(to);
  }

  #reject(refused: Rejection, from: string): true {
    this.counters.reject(refused);
    this.#identity.onRejected?.(refused, from);
    return true;
  }
}
