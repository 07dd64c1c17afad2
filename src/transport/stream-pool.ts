import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Destination, Source } from '../node/core-io.ts';
import type { Message } from '../node/message.ts';
import type { ClusterKeys } from '../wire/cluster-keys.ts';
import { type Rejection, rejection } from '../wire/rejection.ts';
import { maxStreamMessageBytes } from '../wire/stream-framing.ts';
import { StreamSession } from '../wire/stream-session.ts';
import type { NameCache } from './name-cache.ts';
import { formatAddress, type HostAndPort } from './socket-address.ts';
import { StreamConnection, type StreamOwner } from './stream-connection.ts';
import type { TransportIdentity } from './transport.ts';
import type { TransportCounters } from './transport-counters.ts';
import type { TransportLimits } from './transport-limits.ts';

export interface StreamPoolOptions {
  readonly identity: TransportIdentity;
  readonly keys: ClusterKeys;
  readonly names: NameCache;
  readonly counters: TransportCounters;
  readonly limits: TransportLimits;
  readonly message: (from: Source, message: Message) => void;
  readonly failed: (to: Destination) => void;
  readonly rejected: (refused: Rejection, from: string) => void;
}

/**
 * The TCP half of a node: one outgoing connection per (host id, address, shadow or not), opened when it is needed, and
 * all that others opened. Any of them takes answers by its handle.
 */
export class StreamPool implements StreamOwner {
  readonly counters: TransportCounters;
  readonly limits: TransportLimits;
  readonly #options: StreamPoolOptions;
  readonly #byHandle = new Map<string, StreamConnection>();
  readonly #outgoing = new Map<string, StreamConnection>();
  readonly #destinations = new Map<StreamConnection, Destination>();
  #inbound = 0;
  #nextId = 1;
  #idle: (() => void) | null = null;

  constructor(options: StreamPoolOptions) {
    this.#options = options;
    this.counters = options.counters;
    this.limits = options.limits;
  }

  /** Sends on the pooled connection to a destination, opening it if there is none. */
  send(to: Destination, at: HostAndPort, shadow: boolean, payload: Uint8Array): void {
    const key = keyOf(to, shadow);
    const pooled = this.#outgoing.get(key);
    // A silent one ends when it is idle: what was written to it may still arrive.
    this.#write(pooled?.open && !pooled.silent ? pooled : this.#open(key, to, at, shadow), to, payload);
  }

  /** Answers on the connection that a handle names, if it still lives and is of the right mode. */
  reply(to: Destination, shadow: boolean, payload: Uint8Array): void {
    const connection = this.#byHandle.get(to.address);
    if (connection === undefined || connection.shadow !== shadow) this.#options.failed(to);
    else this.#write(connection, to, payload);
  }

  /** Takes a connection that somebody opened, or drops it if there are too many. */
  accept(socket: Socket): void {
    if (this.#inbound >= this.limits.maxInboundStreams) {
      this.#options.rejected(rejection('tooMany', 'inbound streams'), formatAddress(socket.remoteAddress ?? '', 0));
      socket.destroy();
      return;
    }
    this.#inbound++;
    this.counters.streamsAccepted++;
    const session = StreamSession.server(this.#sessionOptions());
    const connection = new StreamConnection(this.#nextId++, socket, session, this, null);
    this.#byHandle.set(connection.handle, connection);
  }

  /** Ends every connection after what was written; whatever is left after the grace is cut. */
  async close(): Promise<void> {
    if (this.#byHandle.size === 0) return;
    const closed = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    for (const connection of this.#byHandle.values()) connection.close();
    await closed;
  }

  streamMessage(from: Source, message: Message): void {
    this.#options.message(from, message);
  }

  streamRejected(refused: Rejection, from: string): void {
    this.#options.rejected(refused, from);
  }

  streamClosed(connection: StreamConnection, broken: boolean): void {
    this.#byHandle.delete(connection.handle);
    this.counters.streamsClosed++;
    const to = this.#destinations.get(connection);
    if (to === undefined) {
      this.#inbound--;
    } else {
      this.#destinations.delete(connection);
      const key = keyOf(to, connection.shadow);
      if (this.#outgoing.get(key) === connection) this.#outgoing.delete(key);
      if (broken) this.#options.failed(to);
    }
    if (this.#byHandle.size === 0) this.#idle?.();
  }

  #open(key: string, to: Destination, { host, port }: HostAndPort, shadow: boolean): StreamConnection {
    const { names } = this.#options;
    const socket = connect({
      host,
      port,
      autoSelectFamily: false,
      // Called for names only; the node's own cache answers, and the connection's deadline covers the wait.
      lookup: (name, _options, done) => void answerLookUp(names, name, done),
    });
    socket.once('error', () => names.askAgain(host));
    const session = StreamSession.client(this.#sessionOptions(), to.hostId, shadow);
    const connection = new StreamConnection(this.#nextId++, socket, session, this, to.hostId);
    this.#byHandle.set(connection.handle, connection);
    this.#outgoing.set(key, connection);
    this.#destinations.set(connection, to);
    this.counters.streamsOpened++;
    return connection;
  }

  #write(connection: StreamConnection, to: Destination, payload: Uint8Array): void {
    const fits = payload.length <= maxStreamMessageBytes;
    if (!fits || !connection.send(payload)) this.#options.failed(to);
  }

  #sessionOptions() {
    const { keys, identity } = this.#options;
    return { keys, hostId: identity.hostId, bootNonce: identity.bootNonce, random: randomBytes(16) };
  }
}

type LookUpDone = (error: NodeJS.ErrnoException | null, address: string, family: number) => void;

async function answerLookUp(names: NameCache, name: string, done: LookUpDone): Promise<void> {
  const ip = await names.resolve(name);
  if (ip === null) done(Object.assign(new Error(`${name} leads to no address`), { code: 'ENOTFOUND' }), '', 0);
  else done(null, ip, ip.includes(':') ? 6 : 4);
}

function keyOf(to: Destination, shadow: boolean): string {
  return `${shadow ? 'shadow' : ''} ${to.hostId ?? ''} ${to.address}`;
}
