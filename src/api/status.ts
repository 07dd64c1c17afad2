import Type, { type Static } from 'typebox';
import { Fork } from './fork.ts';
import { AddressText, Epoch, Liveness, MemberMode, MemberState, RingFingerprint, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** A member of the ring. Null stands for what this node never heard: all it has of the member are ring records. */
export const StatusNode = closed({
  hostId: Uuid,
  address: nullable(AddressText),
  httpAddress: nullable(AddressText),
  datacenter: Type.String(),
  rack: Type.String(),
  liveness: Liveness,
  mode: MemberMode,
  state: MemberState,
  /** How many tokens it has. */
  tokens: Type.Integer({ minimum: 0 }),
  /** 0 to 1: effective ownership under `keyspace`, else the raw share as primary owner. A joiner owns nothing yet. */
  owns: Type.Number({ minimum: 0 }),
  /** Bytes; null if it never said. */
  load: nullable(Type.Number({ minimum: 0 })),
  generation: Type.Integer({ minimum: 0 }),
  version: Type.Integer({ minimum: 0 }),
  schemaVersion: nullable(Uuid),
});
export type StatusNode = Static<typeof StatusNode>;

/** `GET /v1/status?keyspace=`: who is there, and how much of the ring each one owns. Nodes ascending by host id. */
export const Status = closed({
  cluster: Type.String(),
  clusterId: Uuid,
  lineage: Uuid,
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  schemaVersion: Uuid,
  /** The keyspace that `owns` is of; null: `owns` is raw. */
  keyspace: nullable(Type.String()),
  /** The open operation in one sentence, or null. */
  operation: nullable(Type.String()),
  fork: nullable(Fork),
  nodes: Type.Array(StatusNode),
});
export type Status = Static<typeof Status>;
