import Type, { type Static } from 'typebox';
import {
  AddressText,
  Epoch,
  Liveness,
  MemberState,
  Replication,
  RingFingerprint,
  TokenText,
  Uuid,
} from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** A member as a client needs it. `owner` false: it joins, and owns nothing yet. */
export const SnapshotMember = closed({
  hostId: Uuid,
  address: nullable(AddressText),
  httpAddress: nullable(AddressText),
  datacenter: Type.String(),
  rack: Type.String(),
  state: MemberState,
  liveness: Liveness,
  tokens: Type.Array(TokenText),
  owner: Type.Boolean(),
});
export type SnapshotMember = Static<typeof SnapshotMember>;

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
  /** Who will own what once the open operation ends (each of them is in `members`); null when none is open. */
  future: nullable(Type.Array(closed({ hostId: Uuid, tokens: Type.Array(TokenText) }))),
  /** Keyspace → its replication. */
  keyspaces: Type.Record(Type.String(), Replication),
});
export type RingSnapshot = Static<typeof RingSnapshot>;
