import Type, { type Static } from 'typebox';
import { AddressText, Epoch, Liveness, MemberState, RingFingerprint, TokenText, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** A token and whose it is. `load` and `owns` are of the whole host, repeated with each of its tokens as in nodetool. */
export const RingToken = closed({
  token: TokenText,
  hostId: Uuid,
  address: nullable(AddressText),
  datacenter: Type.String(),
  rack: Type.String(),
  liveness: Liveness,
  state: MemberState,
  /** Bytes; null if the host never said. */
  load: nullable(Type.Number({ minimum: 0 })),
  /** 0 to 1: effective ownership under `keyspace`, else the raw share. A joiner owns nothing yet. */
  owns: Type.Number({ minimum: 0 }),
});
export type RingToken = Static<typeof RingToken>;

/** `GET /v1/ring?keyspace=`: every token ascending, those of joiners included. */
export const Ring = closed({
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  /** The keyspace that `owns` is of; null: `owns` is raw. */
  keyspace: nullable(Type.String()),
  tokens: Type.Array(RingToken),
});
export type Ring = Static<typeof Ring>;
