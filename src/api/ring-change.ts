import Type, { type Static } from 'typebox';
import { Epoch, RingFingerprint, TokenText, Uuid } from './ring-terms.ts';
import { closed } from './shape.ts';

/** Does it although something that protects the data speaks against it; the refusal without it says what. */
const force = Type.Optional(Type.Boolean());

/**
 * Body of `POST /v1/decommission`. `hostId`: who leaves; the node that is asked, if it is left out. `force`: although fewer
 * owners would be left than a keyspace has replicas, or too few live sources of ranges (`removenode` has no such form, but
 * `assassinate`).
 */
export const Decommission = closed({ hostId: Type.Optional(Uuid), force });
export type Decommission = Static<typeof Decommission>;

/**
 * Body of `POST /v1/move`: the node (the one that is asked, if it is left out) gets this one token instead of its own. `force`:
 * although ranges have too few live sources; what only the dead ones hold is lost.
 */
export const Move = closed({ token: TokenText, hostId: Type.Optional(Uuid), force });
export type Move = Static<typeof Move>;

/** Body of `POST /v1/removenode`. Its forced form is `/v1/assassinate`. */
export const RemoveNode = closed({ hostId: Uuid });
export type RemoveNode = Static<typeof RemoveNode>;

/** Body of `POST /v1/assassinate` and `/v1/readmit`. `force`: also without a majority, under a new lineage. */
export const NamedHost = closed({ hostId: Uuid, force });
export type NamedHost = Static<typeof NamedHost>;

/** Body of `POST /v1/alter`. `force` as of `Move`. */
export const Alter = closed({
  keyspace: Type.String(),
  replication: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  force,
});
export type Alter = Static<typeof Alter>;

/** Body of `POST /v1/planrestart`: the node is back within this time. */
export const PlanRestart = closed({ leaseMs: Type.Integer({ minimum: 1, maximum: 3_600_000 }) });
export type PlanRestart = Static<typeof PlanRestart>;

/** Body of `POST /v1/ring/adopt`. */
export const Adopt = closed({ lineage: Uuid });
export type Adopt = Static<typeof Adopt>;

/** Body of `POST /v1/join` and `/v1/drain`: `{}`. As JSON, so that no page in a browser can send it unasked. */
export const NoArguments = closed({});

/** An operation whose `begin` is decided. `epoch` is that of its `begin`; what follows shows under `/v1/ops`. */
export const OperationBegun = closed({ operationId: Uuid, epoch: Epoch, ringFingerprint: RingFingerprint });
export type OperationBegun = Static<typeof OperationBegun>;

/** A record that was decided without an operation. */
export const RecordDecided = closed({ kind: Type.String(), epoch: Epoch, lineage: Uuid });
export type RecordDecided = Static<typeof RecordDecided>;

/** Where the node is after it adopted a lineage. */
export const Adopted = closed({ epoch: Epoch, lineage: Uuid });
export type Adopted = Static<typeof Adopted>;

/** The node that does as it was asked. */
export const NodeTold = closed({ hostId: Uuid });
export type NodeTold = Static<typeof NodeTold>;
