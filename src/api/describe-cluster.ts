import Type, { type Static } from 'typebox';
import { Fork } from './fork.ts';
import { AddressText, Epoch, Replication, RingFingerprint, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

const Count = Type.Integer({ minimum: 0 });
const Addresses = Type.Array(AddressText);

/**
 * `GET /v1/describecluster?timeoutMs=`: whether all agree. Schema versions and ring fingerprints are what the members
 * say when asked directly, not what was gossiped.
 */
export const DescribeCluster = closed({
  cluster: Type.String(),
  clusterId: Uuid,
  lineage: Uuid,
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  partitioner: Type.String(),
  detector: Type.Enum(['phi', 'swim']),
  /** Schema version → addresses of those that have it. */
  schemaVersions: Type.Record(Type.String(), Addresses),
  /** Ring fingerprint → addresses of those that have it. More than one: a change spreads, or a fork. */
  ringFingerprints: Type.Record(Type.String(), Addresses),
  /** Members that are dead or did not answer in time. */
  unreachable: Addresses,
  stats: closed({ live: Count, joining: Count, moving: Count, leaving: Count, unreachable: Count }),
  datacenters: Type.Array(closed({ name: Type.String(), nodes: Count, down: Count })),
  /** Release version → addresses, by gossip. */
  releaseVersions: Type.Record(Type.String(), Addresses),
  keyspaces: Type.Array(closed({ name: Type.String(), replication: Replication })),
  fork: nullable(Fork),
});
export type DescribeCluster = Static<typeof DescribeCluster>;
