import Type, { type Static } from 'typebox';
import {
  AddressText,
  Epoch,
  Liveness,
  MemberMode,
  MemberState,
  Replication,
  RingFingerprint,
  TokenText,
  Uuid,
} from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** A member as a client needs it. `owner` false: it joins or replaces, and owns nothing yet. */
export const SnapshotMember = closed({
  hostId: Uuid,
  address: nullable(AddressText),
  httpAddress: nullable(AddressText),
  datacenter: Type.String(),
  rack: Type.String(),
  state: MemberState,
  liveness: Liveness,
  mode: MemberMode,
  tokens: Type.Array(TokenText),
  owner: Type.Boolean(),
});
export type SnapshotMember = Static<typeof SnapshotMember>;

/**
 * What the open operation makes of the ring. At `begin` the old replicas are read, at `switch` the new ones; both are
 * written at either.
 */
export const RingChange = closed({
  step: Type.Enum(['begin', 'switch']),
  /** Who will own what once it ends; each of them is a member. */
  future: Type.Array(closed({ hostId: Uuid, tokens: Type.Array(TokenText) })),
  /** The keyspace whose replication it changes; null if it changes none. */
  alter: nullable(closed({ keyspace: Type.String(), replication: Replication })),
});
export type RingChange = Static<typeof RingChange>;

/**
 * `GET /v1/snapshot`, and the event `snapshot`: all that a client needs to route by itself (`routerOf`), and nothing more.
 * Members ascending by host id.
 */
export const RingSnapshot = closed({
  cluster: Type.String(),
  clusterId: Uuid,
  lineage: Uuid,
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  schemaVersion: Uuid,
  members: Type.Array(SnapshotMember),
  /** The open operation, as far as routing goes (`OpenChange`); null when none is open. */
  change: nullable(RingChange),
  /** Keyspace → its replication, before the open operation. */
  keyspaces: Type.Record(Type.String(), Replication),
});
export type RingSnapshot = Static<typeof RingSnapshot>;
