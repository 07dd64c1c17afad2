import { InvariantViolation } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { type ClusterKeys, staticKeyId } from './cluster-keys.ts';
import { type FrameOrigin, originBytes, readOrigin, writeOrigin } from './frame-header.ts';
import { counterBytes, openGcm, sealGcm, tagBytes } from './gcm.ts';
import { isRejection, type Rejection, rejection } from './rejection.ts';
import { ReplayWindow } from './replay-window.ts';

/** version and flags 1 · key id 1 · cluster tag 4 · sender 8 · counter 6 */
const headerBytes = originBytes + counterBytes;

/** What the envelope adds to a message. */
export const envelopeBytes = headerBytes + tagBytes;

/** IPv4 and UDP headers. */
const ipAndUdpBytes = 28;

/** The largest UDP payload that a node sends or reads. */
export const maxDatagramFrameBytes = 1_400;

/** Bytes on the network for one datagram with a message of `payloadBytes`: IP, UDP and envelope included. */
export function datagramBytes(payloadBytes: number): number {
  return ipAndUdpBytes + envelopeBytes + payloadBytes;
}

/**
 * Single frames: datagrams, and the frames of the in-memory transport's streams. The numbers are the last byte of the
 * keys' info. (Streams on sockets have keys of their own, with other numbers: see `stream-session.ts`.)
 */
export const frameChannels = { datagram: 1, memoryStream: 2 } as const;
export type FrameChannel = keyof typeof frameChannels;

export interface EnvelopeOptions {
  readonly keys: ClusterKeys;
  readonly hostId: HostId;
  /** 16 hex characters, random at each start: the sender of every frame, and part of its key. */
  readonly bootNonce: string;
  /** Senders whose keys and windows are kept; beyond it the one that was silent longest is forgotten. */
  readonly maxSenders?: number;
}

/** What an opened frame proves and holds. */
export interface OpenedFrame {
  readonly shadow: boolean;
  /** The sender's boot nonce. */
  readonly sender: string;
  readonly payload: Uint8Array;
}

/** What is kept of a sender that authenticated: its key, and the counters that were seen. */
interface KnownSender {
  readonly key: Uint8Array;
  readonly window: ReplayWindow;
}

/**
 * Seals and opens single frames (design 9): header in the clear, AES-256-GCM under a key of sender and channel, bound to
 * cluster name, cluster id and receiver. Opening trusts nothing before the seal, and keeps nothing of a sender before
 * one frame of it opened, so that strangers cannot fill the tables.
 */
export class Envelope {
  readonly #options: EnvelopeOptions;
  readonly #maxSenders: number;
  readonly #ownKeys = new Map<string, Uint8Array>();
  readonly #counters: Record<FrameChannel, number> = { datagram: 0, memoryStream: 0 };
  /** Least recently heard first. */
  readonly #senders = new Map<string, KnownSender>();

  constructor(options: EnvelopeOptions) {
    this.#options = options;
    this.#maxSenders = options.maxSenders ?? 16_384;
  }

  /** Senders that authenticated and are remembered. */
  get knownSenders(): number {
    return this.#senders.size;
  }

  /**
   * One frame for one receiver, `envelopeBytes` longer than the payload. A shadow frame has no receiver; every other has
   * one, and needs the cluster to be bound; none is a datagram: otherwise `InvariantViolation`.
   */
  seal(channel: FrameChannel, receiver: HostId | null, shadow: boolean, payload: Uint8Array): Uint8Array {
    if (receiver === null && !shadow) throw new InvariantViolation('only shadow frames have no receiver');
    if (shadow && channel === 'datagram') throw new InvariantViolation('shadow frames travel by stream only');
    const { keys, bootNonce } = this.#options;
    const header = Buffer.alloc(headerBytes);
    writeOrigin(header, { shadow, keyId: staticKeyId, clusterTag: keys.tag(shadow), sender: bootNonce });
    const counter = ++this.#counters[channel];
    header.writeUIntBE(counter, originBytes, counterBytes);
    const associated = keys.associatedData(shadow, header, receiver);
    return Buffer.concat([header, sealGcm(this.#ownKey(channel, shadow), counter, associated, payload)]);
  }

  /** The payload of a frame for this node, or why it is dropped. Never throws. */
  open(channel: FrameChannel, bytes: Uint8Array): OpenedFrame | Rejection {
    if (bytes.length < envelopeBytes) return rejection('notAFrame', `${bytes.length} bytes`);
    const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const origin = readOrigin(frame);
    if (isRejection(origin)) return origin;
    const { keys, hostId } = this.#options;
    const refused = keys.check(origin);
    if (refused !== null) return refused;
    if (origin.shadow && channel === 'datagram') return rejection('shadowRule', 'a shadow frame in a datagram');
    const counter = frame.readUIntBE(originBytes, counterBytes);
    if (counter === 0) return rejection('notAFrame', 'counter 0');

    const { shadow, sender } = origin;
    const id = senderKey(channel, origin);
    const known = this.#senders.get(id);
    const key = known?.key ?? this.#derive(channel, shadow, sender);
    const associated = keys.associatedData(shadow, frame.subarray(0, headerBytes), hostId);
    const payload = openGcm(key, counter, associated, frame.subarray(headerBytes));
    if (payload === null) return rejection('notAuthentic', `sender ${sender}`);
    const window = known?.window ?? new ReplayWindow();
    this.#remember(id, { key, window });
    if (!window.accept(counter)) return rejection('replayed', `sender ${sender}, counter ${counter}`);
    return { shadow, sender, payload };
  }

  #ownKey(channel: FrameChannel, shadow: boolean): Uint8Array {
    const name = `${channel} ${shadow}`;
    const key = this.#ownKeys.get(name) ?? this.#derive(channel, shadow, this.#options.bootNonce);
    this.#ownKeys.set(name, key);
    return key;
  }

  /** info = name ‖ key id ‖ sender ‖ channel */
  #derive(channel: FrameChannel, shadow: boolean, sender: string): Uint8Array {
    const context = Buffer.alloc(10);
    context[0] = staticKeyId;
    context.write(sender, 1, 8, 'hex');
    context[9] = frameChannels[channel];
    return this.#options.keys.derive(shadow, context);
  }

  #remember(id: string, sender: KnownSender): void {
    this.#senders.delete(id);
    this.#senders.set(id, sender);
    if (this.#senders.size > this.#maxSenders) {
      for (const oldest of this.#senders.keys()) {
        this.#senders.delete(oldest);
        break;
      }
    }
  }
}

function senderKey(channel: FrameChannel, { shadow, sender }: FrameOrigin): string {
  return `${frameChannels[channel]}${shadow ? 's' : ''}${sender}`;
}
