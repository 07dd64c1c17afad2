import Type, { type Static } from 'typebox';
import { AddressText, Epoch, RingFingerprint, UnixMs, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** An operation between its `begin` and its `end` or `abort`. */
export const Operation = closed({
  operationId: Uuid,
  kind: Type.Enum(['bootstrap', 'decommission', 'move', 'replace', 'removenode', 'alterReplication']),
  /** The last step that was decided. */
  step: Type.Enum(['begin', 'switch']),
  subjects: Type.Array(closed({ hostId: Uuid, address: nullable(AddressText) })),
  replaces: nullable(Uuid),
  beginEpoch: Epoch,
  stepEpoch: Epoch,
  beganAtMs: UnixMs,
  /** What the next step waits for, as sentences. */
  waitingFor: Type.Array(Type.String()),
});
export type Operation = Static<typeof Operation>;

/** `GET /v1/ops`: the operations that are open (at most one), and what `POST /v1/ops/:id/abort` leaves. */
export const Operations = closed({
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  operations: Type.Array(Operation),
});
export type Operations = Static<typeof Operations>;
