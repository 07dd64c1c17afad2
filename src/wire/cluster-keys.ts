import { createHash, hkdfSync } from 'node:crypto';
import { InvariantViolation } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { uuidToBytes } from './compact-fields.ts';
import type { FrameOrigin } from './frame-header.ts';
import { type Rejection, rejection } from './rejection.ts';

/** The only key id so far: keys do not rotate yet. */
export const staticKeyId = 0;

const keyBytes = 32;
const zeroId = new Uint8Array(16);

export interface ClusterKeysOptions {
  readonly clusterName: string;
  /** Null until the node has founded or learned its cluster: until then it can only seal and open shadow frames. */
  readonly clusterId: string | null;
  /**
   * The cluster's secret. Empty on loopback or with `--insecure`: the same code runs, and every frame is still bound to
   * name, id and receiver, but whoever knows those can read and forge it: no confidentiality, no authenticity.
   */
  readonly secret: Uint8Array;
}

/**
 * What binds frames to one cluster: its tag, its keys, and the associated data. In shadow frames the cluster id and the
 * receiver are 16 zero bytes; nowhere else.
 */
export class ClusterKeys {
  readonly #name: Buffer;
  readonly #secret: Uint8Array;
  readonly #shadowTag: number;
  #clusterId: string | null = null;
  #id: Uint8Array = zeroId;
  #tag = 0;

  constructor({ clusterName, clusterId, secret }: ClusterKeysOptions) {
    this.#name = Buffer.from(clusterName, 'utf8');
    this.#secret = secret;
    this.#shadowTag = this.#tagOf(zeroId);
    if (clusterId !== null) this.bind(clusterId);
  }

  /** False until a cluster is known. */
  get bound(): boolean {
    return this.#clusterId !== null;
  }

  /**
   * The node has founded or learned its cluster. The same id again changes nothing. Throws `InvariantViolation` for
   * another one, and for the zero id, which would give ordinary frames the keys of shadow frames.
   */
  bind(clusterId: string): void {
    if (clusterId === this.#clusterId) return;
    if (this.#clusterId !== null) {
      throw new InvariantViolation(`bound to cluster ${this.#clusterId}, asked to bind to ${clusterId}`);
    }
    const id = uuidToBytes(clusterId);
    if (id.every((byte) => byte === 0)) throw new InvariantViolation('a cluster id of zeros');
    this.#clusterId = clusterId;
    this.#id = id;
    this.#tag = this.#tagOf(id);
  }

  /** First 4 bytes of SHA-256(name ‖ id): tells clusters apart before any key is derived; proves nothing. */
  tag(shadow: boolean): number {
    return shadow ? this.#shadowTag : this.#tag;
  }

  /** Whether a frame of this origin may be opened at all: `noClusterYet`, `otherCluster` or `unknownKey` if not. */
  check({ shadow, keyId, clusterTag }: FrameOrigin): Rejection | null {
    if (!shadow && !this.bound) return rejection('noClusterYet', 'an ordinary frame before the cluster is known');
    if (clusterTag !== this.tag(shadow)) return rejection('otherCluster', `cluster tag ${clusterTag.toString(16)}`);
    return keyId === staticKeyId ? null : rejection('unknownKey', `key id ${keyId}`);
  }

  /**
   * HKDF-SHA-256(secret, salt = cluster id, info = name ‖ context). `context` has a fixed length for each use and its
   * last byte tells the uses apart, so no two of them share a key.
   */
  derive(shadow: boolean, context: Uint8Array): Uint8Array {
    const info = Buffer.concat([this.#name, context]);
    return new Uint8Array(hkdfSync('sha256', this.#secret, this.#idOf(shadow), info, keyBytes));
  }

  /** Associated data: header ‖ cluster name ‖ cluster id ‖ receiver. All but the name have a fixed length. */
  associatedData(shadow: boolean, header: Uint8Array, receiver: HostId | null): Buffer {
    const receiverId = shadow || receiver === null ? zeroId : uuidToBytes(receiver);
    return Buffer.concat([header, this.#name, this.#idOf(shadow), receiverId]);
  }

  #idOf(shadow: boolean): Uint8Array {
    if (shadow) return zeroId;
    if (!this.bound) throw new InvariantViolation('an ordinary frame is sealed before the cluster is known');
    return this.#id;
  }

  #tagOf(id: Uint8Array): number {
    return createHash('sha256').update(this.#name).update(id).digest().readUInt32BE(0);
  }
}
