import Type, { type Static } from 'typebox';
import { AddressText, Epoch, Liveness, MemberMode, RingFingerprint, TokenText, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** A replica, and how the node that answers sees it. */
export const Replica = closed({ hostId: Uuid, address: nullable(AddressText), liveness: Liveness, mode: MemberMode });
export type Replica = Static<typeof Replica>;

/** `GET /v1/route?key=&keyspace=`, or `?keyBase64=` for a key of bytes. */
export const Route = closed({
  /** The key as text; null when it was given as bytes. */
  key: nullable(Type.String()),
  /** The key's bytes in base64; null when it was given as text. */
  keyBase64: nullable(Type.String()),
  token: TokenText,
  /** Null: none was named, so there is one replica, the primary owner. */
  keyspace: nullable(Type.String()),
  /** Who is read, in Cassandra's order, the primary first. Written are these and the pending ones. */
  replicas: Type.Array(Replica),
  /** `replicas` in the order in which to ask them: who lives and serves first, the dead last. */
  readOrder: Type.Array(Replica),
  /** Who must be written besides, because the open operation makes it a replica, or has not ended for it. */
  pending: Type.Array(Replica),
  /** How many of `replicas` must answer a quorum read. */
  requiredReads: Type.Integer(),
  /** How many of `replicas` and `pending` together must acknowledge a quorum write. */
  requiredWriteAcks: Type.Integer(),
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
});
export type Route = Static<typeof Route>;
