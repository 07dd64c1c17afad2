import Type, { type Static } from 'typebox';
import { AddressText, Epoch, RingFingerprint, UnixMs, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** How far the data of one host that gains or loses ranges is. */
export const Participant = closed({
  hostId: Uuid,
  address: nullable(AddressText),
  /** How many range movements it takes part in; null until it was told to move. */
  movements: nullable(Type.Integer({ minimum: 0 })),
  done: Type.Integer({ minimum: 0 }),
  /** 0 to 1, over all its movements. */
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  /** Why a movement of it failed: the operation stays where it is until it is resumed or aborted. */
  failed: nullable(Type.String()),
});
export type Participant = Static<typeof Participant>;

/** An operation between its `begin` and its `end` or `abort`. */
export const Operation = closed({
  operationId: Uuid,
  kind: Type.Enum(['bootstrap', 'decommission', 'move', 'replace', 'removenode', 'alterReplication']),
  /** The last step that was decided. */
  step: Type.Enum(['begin', 'switch']),
  subjects: Type.Array(closed({ hostId: Uuid, address: nullable(AddressText) })),
  replaces: nullable(Uuid),
  /** False: begun, by force, although ranges had too few live sources: what only the dead ones held is lost. */
  strict: Type.Boolean(),
  beginEpoch: Epoch,
  stepEpoch: Epoch,
  beganAtMs: UnixMs,
  /** What the next step waits for, as sentences. */
  waitingFor: Type.Array(Type.String()),
  /** Ascending by host id; empty where no data moves. */
  participants: Type.Array(Participant),
});
export type Operation = Static<typeof Operation>;

/** `GET /v1/ops`: the operations that are open (at most one), and what `POST /v1/ops/:id/abort` leaves. */
export const Operations = closed({
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  operations: Type.Array(Operation),
});
export type Operations = Static<typeof Operations>;

/** `GET /v1/ops/:id`: whether an operation is open or how it was closed, as far back as the node keeps records. */
export const OperationStanding = closed({
  operationId: Uuid,
  kind: Operation.properties.kind,
  /**
   * `superseded`: a forced removal closed it, of its last subject or of the last owner to stay; what was not moved by then
   * was not moved.
   */
  outcome: Type.Enum(['open', 'ended', 'aborted', 'superseded']),
  /** Of its last record. */
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  /** Null unless it is open. */
  operation: nullable(Operation),
});
export type OperationStanding = Static<typeof OperationStanding>;
