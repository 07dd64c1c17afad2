import { InvariantViolation } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { ByteQueue } from './byte-queue.ts';
import { type ClusterKeys, staticKeyId } from './cluster-keys.ts';
import { originBytes, readOrigin, writeOrigin } from './frame-header.ts';
import { isRejection, type Rejection, rejection } from './rejection.ts';
import { StreamOpener, StreamSealer } from './stream-framing.ts';

/** version and flags 1 · key id 1 · cluster tag 4 · sender 8 · random 16, in both directions */
export const helloBytes = originBytes + 16;

/** Last byte of the info of a direction's key. 1 and 2 are single frames', see `envelope.ts`. */
const toServer = 3;
const toClient = 4;

export interface StreamSessionOptions {
  readonly keys: ClusterKeys;
  readonly hostId: HostId;
  readonly bootNonce: string;
  /** 16 random bytes, fresh for every connection. */
  readonly random: Uint8Array;
}

/**
 * One end of a stream, without the socket. The client says hello, the server answers with its own, and both derive a key
 * for each direction: HKDF with info = name ‖ client hello ‖ server hello ‖ direction, so that everything said in the
 * handshake is bound and no recorded frame opens on another connection. The hellos themselves prove nothing: an end is
 * authentic once its first frame opens. The server answers nothing but its hello, as long as what it got, before that.
 */
export class StreamSession {
  readonly #options: StreamSessionOptions;
  readonly #role: 'client' | 'server';
  readonly #arrived = new ByteQueue();
  readonly #ownHello: Buffer;
  #shadow: boolean;
  #receiver: HostId | null;
  #peer: string | null = null;
  #sealer: StreamSealer | null = null;
  #opener: StreamOpener | null = null;

  private constructor(
    options: StreamSessionOptions,
    role: 'client' | 'server',
    shadow: boolean,
    receiver: HostId | null,
  ) {
    this.#options = options;
    this.#role = role;
    this.#shadow = shadow;
    this.#receiver = receiver;
    this.#ownHello = Buffer.alloc(helloBytes);
    if (role === 'client') this.#writeHello();
  }

  /** The end that opens the connection: to `receiver`, or, for the shadow round, to whoever is there (null). */
  static client(options: StreamSessionOptions, receiver: HostId | null, shadow: boolean): StreamSession {
    if (receiver === null && !shadow) throw new InvariantViolation('only shadow streams have no receiver');
    return new StreamSession(options, 'client', shadow, receiver);
  }

  /** The end that was called; whether the stream is a shadow stream it learns from the hello. */
  static server(options: StreamSessionOptions): StreamSession {
    return new StreamSession(options, 'server', false, null);
  }

  /** What the client sends first. */
  get hello(): Uint8Array {
    return this.#ownHello;
  }

  get shadow(): boolean {
    return this.#shadow;
  }

  /** Both hellos were exchanged: messages can be sealed. */
  get established(): boolean {
    return this.#sealer !== null;
  }

  /** Frames of the other end that opened. Above 0 it is authentic. */
  get framesOpened(): number {
    return this.#opener?.opened ?? 0;
  }

  /** True while something has begun to arrive and is not complete. */
  get midFrame(): boolean {
    return this.#opener?.midFrame ?? this.#arrived.bytes > 0;
  }

  /** Boot nonce of the other end; null before its hello. */
  get peer(): string | null {
    return this.#peer;
  }

  /** The server learns its receiver from the first message; without it nothing can be sealed but on shadow streams. */
  bindReceiver(hostId: HostId): void {
    this.#receiver ??= hostId;
  }

  /** The frames of one message, in order. `InvariantViolation` before the handshake, or without a receiver. */
  seal(payload: Uint8Array): Buffer[] {
    if (this.#sealer === null) throw new InvariantViolation('a stream seals nothing before its handshake');
    if (this.#receiver === null && !this.#shadow) throw new InvariantViolation('a stream without a receiver');
    return this.#sealer.seal(this.#receiver, payload);
  }

  /**
   * Takes bytes from the socket. `reply` gets what must be written now (the server's hello), `message` every complete
   * message. After a rejection the connection must be closed. Never throws of itself.
   */
  receive(
    chunk: Uint8Array,
    reply: (bytes: Uint8Array) => void,
    message: (payload: Uint8Array) => Rejection | null,
  ): Rejection | null {
    if (this.#opener !== null) return this.#opener.receive(chunk, message);
    this.#arrived.push(chunk);
    const hello = this.#arrived.take(helloBytes);
    // Garbage is known by its first bytes: no need to wait for all of a hello.
    if (hello === null) return this.#arrived.bytes > 0 ? this.#doubt() : null;
    const refused = this.#meet(hello);
    if (refused !== null) return refused;
    if (this.#role === 'server') reply(this.#ownHello);
    return this.#opener!.receive(new Uint8Array(0), message);
  }

  #doubt(): Rejection | null {
    const begun = this.#arrived.take(this.#arrived.bytes)!;
    this.#arrived.push(begun);
    const padded = Buffer.alloc(originBytes);
    begun.copy(padded);
    const origin = readOrigin(padded);
    return isRejection(origin) ? origin : null;
  }

  #meet(hello: Buffer): Rejection | null {
    const origin = readOrigin(hello);
    if (isRejection(origin)) return origin;
    const { keys, hostId } = this.#options;
    const refused = keys.check(origin);
    if (refused !== null) return refused;
    if (this.#role === 'server') {
      this.#shadow = origin.shadow;
      this.#writeHello();
    } else if (origin.shadow !== this.#shadow) {
      return rejection('shadowRule', 'the server answered in the other mode');
    }
    this.#peer = origin.sender;
    const [first, second] = this.#role === 'client' ? [this.#ownHello, hello] : [hello, this.#ownHello];
    const direction = (code: number) => ({
      keys,
      key: keys.derive(this.#shadow, Buffer.concat([first, second, Buffer.of(code)])),
      shadow: this.#shadow,
    });
    this.#sealer = new StreamSealer(direction(this.#role === 'client' ? toServer : toClient));
    this.#opener = new StreamOpener(direction(this.#role === 'client' ? toClient : toServer), hostId, this.#arrived);
    return null;
  }

  #writeHello(): void {
    const { keys, bootNonce, random } = this.#options;
    const clusterTag = keys.tag(this.#shadow);
    writeOrigin(this.#ownHello, { shadow: this.#shadow, keyId: staticKeyId, clusterTag, sender: bootNonce });
    this.#ownHello.set(random.subarray(0, 16), originBytes);
  }
}
