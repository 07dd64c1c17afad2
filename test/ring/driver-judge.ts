import { createRequire } from 'node:module';
import type { ReplicationOptions } from '../../src/ring/replication-strategy.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';

/** cassandra-driver's own metadata, without a cluster: the independent judge of tokens and replicas. */
interface DriverHost {
  readonly address: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly tokens: readonly string[];
}

interface DriverMetadata {
  tokenizer: { hash(bytes: Uint8Array): { toString(): string } };
  keyspaces: Record<string, unknown>;
  _schemaParser: {
    _createKeyspace(name: string, durable: boolean, strategy: string, options: Record<string, string>): unknown;
  };
  setPartitioner(name: string): void;
  buildTokens(hosts: { values(): DriverHost[] }): void;
  getReplicas(keyspace: string | null, key: Buffer): DriverHost[];
}

const require = createRequire(import.meta.url);
const Metadata = require('cassandra-driver/lib/metadata') as new (options: object, connection: null) => DriverMetadata;
const { defaultOptions } = require('cassandra-driver/lib/client-options') as { defaultOptions(): object };

function newMetadata(): DriverMetadata {
  const metadata = new Metadata(defaultOptions(), null);
  metadata.setPartitioner('org.apache.cassandra.dht.Murmur3Partitioner');
  return metadata;
}

const hashing = newMetadata();

/** The driver's hash of a key, as it leaves it: for the bench. */
export const driverHash = (bytes: Uint8Array): unknown => hashing.tokenizer.hash(bytes);

/** The driver's token of a key. */
export function driverToken(bytes: Uint8Array): bigint {
  return BigInt(hashing.tokenizer.hash(bytes).toString());
}

/** The driver over a ring: key → host ids of its replicas, in the driver's order. */
export function driverReplicas(
  members: readonly RingMember[],
  replication: ReplicationOptions,
): (key: Buffer) => string[] {
  const lookUp = driverLookUp(members, replication);
  return (key) => lookUp(key).map((host) => host.address);
}

/** The driver's bare look-up over a ring: for the bench. */
export function driverLookUp(
  members: readonly RingMember[],
  replication: ReplicationOptions,
): (key: Buffer) => readonly { readonly address: string }[] {
  const metadata = newMetadata();
  const hosts = members.map(({ hostId, datacenter, rack, tokens }) => ({
    address: hostId,
    datacenter,
    rack,
    tokens: tokens.map(String),
  }));
  metadata.buildTokens({ values: () => hosts });
  const { class: strategy, ...rest } = replication;
  const options = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, String(value)]));
  metadata.keyspaces.ks = metadata._schemaParser._createKeyspace('ks', true, String(strategy), options);
  return (key) => metadata.getReplicas('ks', key);
}
