import Type, { type Static } from 'typebox';
import { Epoch, RingFingerprint, TokenText } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/**
 * `GET /v1/guard?key=&keyspace=&epoch=`, or `?keyBase64=` for a key of bytes: the request that was routed by `epoch` may be
 * answered. One that may not is refused with STALE_ROUTE, all of them with DRAINED once the node is drained.
 */
export const Guard = closed({
  /** The key as text; null when it was given as bytes. */
  key: nullable(Type.String()),
  /** The key's bytes in base64; null when it was given as text. */
  keyBase64: nullable(Type.String()),
  token: TokenText,
  keyspace: nullable(Type.String()),
  /** By which the request was routed. */
  routedEpoch: Epoch,
  /** The ring of the node that answers. */
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
});
export type Guard = Static<typeof Guard>;
