import type { Socket } from 'node:net';
import type { HostId } from '../base/id.ts';
import type { Source } from '../node/core-io.ts';
import type { Message } from '../node/message.ts';
import { decodeFramed } from '../wire/message-codec.ts';
import { isRejection, type Rejection, rejection } from '../wire/rejection.ts';
import { streamBytes } from '../wire/stream-framing.ts';
import type { StreamSession } from '../wire/stream-session.ts';
import { streamHandlePrefix } from './outgoing-rules.ts';
import { formatAddress } from './socket-address.ts';
import type { TransportCounters } from './transport-counters.ts';
import type { TransportLimits } from './transport-limits.ts';

/** Whom a connection tells, and what it counts in. */
export interface StreamOwner {
  readonly counters: TransportCounters;
  readonly limits: TransportLimits;
  streamMessage(from: Source, message: Message): void;
  /** `broken`: what was sent last may not have arrived. Called once. */
  streamClosed(connection: StreamConnection, broken: boolean): void;
  streamRejected(rejection: Rejection, from: string): void;
}

/** One TCP connection with its session, in either role: queues until the handshake is done, and watches the clock. */
export class StreamConnection {
  /** Accepted as a destination's address: an answer goes back on this connection. */
  readonly handle: string;
  readonly #socket: Socket;
  readonly #session: StreamSession;
  readonly #owner: StreamOwner;
  readonly #outgoing: boolean;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #peerHostId: HostId | null;
  #deadline: NodeJS.Timeout | null = null;
  /** When the first message was written that nothing came after; null while the peer owes nothing. */
  #unansweredSinceMs: number | null = null;
  #closing = false;
  /** The peer took none of what waited until the grace was over. */
  #cutShort = false;

  /** `expected`: the only host that may speak at the other end; null to take whoever speaks first. */
  constructor(id: number, socket: Socket, session: StreamSession, owner: StreamOwner, expected: HostId | null) {
    this.handle = `${streamHandlePrefix}${id}`;
    this.#socket = socket;
    this.#session = session;
    this.#owner = owner;
    this.#outgoing = socket.connecting;
    this.#peerHostId = expected;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#data(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
    // The other end says no more, so there is nothing to answer.
    socket.on('end', () => socket.destroy());
    socket.setTimeout(owner.limits.idleTimeoutMs * (this.#outgoing ? 1 : 2), () => this.close());
    if (this.#outgoing) socket.once('connect', () => this.#write([session.hello]));
    this.#expect(owner.limits.connectTimeoutMs, 'handshake');
  }

  get shadow(): boolean {
    return this.#session.shadow;
  }

  /** False once it ends: what is sent from then on needs another connection. */
  get open(): boolean {
    return !this.#closing && !this.#socket.destroyed;
  }

  /** Whether so much time has passed since the peer spoke that what is written now may not reach it for minutes. */
  get silent(): boolean {
    const { silenceTimeoutMs } = this.#owner.limits;
    return this.#unansweredSinceMs !== null && performance.now() - this.#unansweredSinceMs >= silenceTimeoutMs;
  }

  /** Writes or queues a message. False, and nothing done, if too much waits already or the connection is closing. */
  send(payload: Uint8Array): boolean {
    const waiting = this.#queuedBytes + this.#socket.writableLength;
    if (!this.open) return false;
    if (waiting > 0 && waiting + streamBytes(payload.length) > this.#owner.limits.maxQueueBytes) return false;
    if (this.#session.established) {
      this.#flush();
      this.#seal(payload);
    } else {
      this.#queue.push(payload);
      this.#queuedBytes += payload.length;
    }
    this.#owner.counters.streamMessagesOut++;
    return true;
  }

  /** Ends after what was written. The owner hears `streamClosed`: broken only if something still waited. */
  close(): void {
    this.#closing = true;
    if (this.#socket.connecting) this.#socket.destroy();
    // Half-open connections of a silent peer would stay: give the last bytes a moment, then no more.
    else this.#socket.end(() => this.#socket.destroySoon());
    this.#expect(this.#owner.limits.closeGraceMs, 'close');
  }

  #data(chunk: Uint8Array): void {
    if (this.#closing) return;
    this.#unansweredSinceMs = null;
    this.#owner.counters.bytesIn += chunk.length;
    const openedBefore = this.#session.framesOpened;
    const wasEstablished = this.#session.established;
    const refused = this.#session.receive(
      chunk,
      (bytes) => this.#write([bytes]),
      (payload) => this.#payload(payload),
    );
    if (refused !== null) return this.#refuse(refused);
    if (!wasEstablished && this.#session.established) this.#flush();
    this.#watch(openedBefore, wasEstablished);
  }

  #payload(payload: Uint8Array): Rejection | null {
    const decoded = decodeFramed(payload, this.#session.shadow);
    if (isRejection(decoded)) {
      // Authentic, yet no message that this release knows: the stream goes on with the next.
      this.#owner.streamRejected(decoded, this.#remote());
      return null;
    }
    this.#peerHostId ??= decoded.sender;
    if (this.#peerHostId !== decoded.sender) return rejection('malformed', `${decoded.sender} speaks for another`);
    this.#session.bindReceiver(decoded.sender);
    this.#owner.counters.streamMessagesIn++;
    const source = { hostId: decoded.sender, bootNonce: this.#session.peer!, replyTo: this.handle };
    if (!this.#closing) this.#owner.streamMessage(source, decoded.message);
    return null;
  }

  /** Sets the deadline for what must come next: the rest of a frame, or a stranger's first one, or nothing. */
  #watch(openedBefore: number, wasEstablished: boolean): void {
    if (this.#closing) return;
    const { established, framesOpened, midFrame } = this.#session;
    const proven = framesOpened > 0 || (this.#outgoing && established);
    if (!proven) return;
    if (!midFrame) this.#expectNothing();
    // Each frame has its own time, which more bytes of the same frame do not prolong.
    else if (this.#deadline === null || framesOpened > openedBefore || !wasEstablished) {
      this.#expect(this.#owner.limits.frameTimeoutMs, 'frame');
    }
  }

  #flush(): void {
    for (const payload of this.#queue.splice(0)) this.#seal(payload);
    this.#queuedBytes = 0;
  }

  #seal(payload: Uint8Array): void {
    this.#write(this.#session.seal(payload));
    this.#unansweredSinceMs ??= performance.now();
  }

  #write(parts: readonly Uint8Array[]): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.cork();
    for (const part of parts) {
      this.#owner.counters.bytesOut += part.length;
      this.#socket.write(part);
    }
    this.#socket.uncork();
  }

  #expect(withinMs: number, what: string): void {
    this.#expectNothing();
    this.#deadline = setTimeout(() => {
      this.#cutShort = this.#socket.writableLength > 0;
      if (!this.#closing && !this.#outgoing) this.#refuse(rejection('timeout', `no ${what} within ${withinMs} ms`));
      else this.#socket.destroy();
    }, withinMs);
    this.#deadline.unref();
  }

  #expectNothing(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  #refuse(refused: Rejection): void {
    this.#owner.streamRejected(refused, this.#remote());
    this.#socket.destroy();
  }

  #closed(): void {
    this.#expectNothing();
    this.#owner.streamClosed(this, !this.#closing || this.#queue.length > 0 || this.#cutShort);
  }

  #remote(): string {
    return formatAddress(this.#socket.remoteAddress ?? 'unknown', this.#socket.remotePort ?? 0);
  }
}
