import type { HostId } from '../base/id.ts';
import { type ClusterKeys, staticKeyId } from './cluster-keys.ts';
import { originBytes, readOrigin, writeOrigin } from './frame-header.ts';
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

/** The last byte of the keys' info. (Streams have keys of their own, with other numbers: see `stream-session.ts`.) */
const datagramUse = 1;

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
 * Seals and opens datagrams (design 9): header in the clear, AES-256-GCM under a key of the sender, bound to cluster name,
 * cluster id and receiver. Opening trusts nothing before the seal, and keeps nothing of a sender before one frame of it
 * opened, so that strangers cannot fill the tables.
 */
export class Envelope {
  readonly #options: EnvelopeOptions;
  readonly #maxSenders: number;
  #ownKey: Uint8Array | null = null;
  #counter = 0;
  /** By boot nonce, least recently heard first. */
  readonly #senders = new Map<string, KnownSender>();

  constructor(options: EnvelopeOptions) {
    this.#options = options;
    this.#maxSenders = options.maxSenders ?? 16_384;
  }

  /** Senders that authenticated and are remembered. */
  get knownSenders(): number {
    return this.#senders.size;
  }

  /** One frame for one receiver, `envelopeBytes` longer than the payload. `InvariantViolation` while no cluster is bound. */
  seal(receiver: HostId, payload: Uint8Array): Uint8Array {
    const { keys, bootNonce } = this.#options;
    this.#ownKey ??= this.#derive(bootNonce);
    const header = Buffer.alloc(headerBytes);
    writeOrigin(header, { shadow: false, keyId: staticKeyId, clusterTag: keys.tag(false), sender: bootNonce });
    const counter = ++this.#counter;
    header.writeUIntBE(counter, originBytes, counterBytes);
    const associated = keys.associatedData(false, header, receiver);
    return Buffer.concat([header, sealGcm(this.#ownKey, counter, associated, payload)]);
  }

  /** The payload of a frame for this node, or why it is dropped. Never throws. Shadow frames travel by stream only. */
  open(bytes: Uint8Array): OpenedFrame | Rejection {
    if (bytes.length < envelopeBytes) return rejection('notAFrame', `${bytes.length} bytes`);
    const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const origin = readOrigin(frame);
    if (isRejection(origin)) return origin;
    const { keys, hostId } = this.#options;
    const refused = keys.check(origin);
    if (refused !== null) return refused;
    if (origin.shadow) return rejection('shadowRule', 'a shadow frame in a datagram');
    const counter = frame.readUIntBE(originBytes, counterBytes);
    if (counter === 0) return rejection('notAFrame', 'counter 0');

    const { sender } = origin;
    const known = this.#senders.get(sender);
    const key = known?.key ?? this.#derive(sender);
    const associated = keys.associatedData(false, frame.subarray(0, headerBytes), hostId);
    const payload = openGcm(key, counter, associated, frame.subarray(headerBytes));
    if (payload === null) return rejection('notAuthentic', `sender ${sender}`);
    const window = known?.window ?? new ReplayWindow();
    this.#remember(sender, { key, window });
    if (!window.accept(counter)) return rejection('replayed', `sender ${sender}, counter ${counter}`);
    return { sender, payload };
  }

  /** info = name ‖ key id ‖ sender ‖ use */
  #derive(sender: string): Uint8Array {
    const context = Buffer.alloc(10);
    context[0] = staticKeyId;
    context.write(sender, 1, 8, 'hex');
    context[9] = datagramUse;
    return this.#options.keys.derive(false, context);
  }

  #remember(nonce: string, sender: KnownSender): void {
    this.#senders.delete(nonce);
    this.#senders.set(nonce, sender);
    if (this.#senders.size > this.#maxSenders) {
      for (const oldest of this.#senders.keys()) {
        this.#senders.delete(oldest);
        break;
      }
    }
  }
}
