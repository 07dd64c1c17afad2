import Type, { type Static } from 'typebox';
import { AddressText, Epoch, Liveness, RingFingerprint, TokenText, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** A replica, and how the node that answers sees it. */
export const Replica = closed({ hostId: Uuid, address: nullable(AddressText), liveness: Liveness });
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
  /** The natural replicas in Cassandra's order, the primary first. */
  replicas: Type.Array(Replica),
  /** Who must be written besides, because the open operation makes it a replica. */
  pending: Type.Array(Replica),
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
});
export type Route = Static<typeof Route>;
