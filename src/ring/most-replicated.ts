import { RingError } from '../base/error.ts';
import { type ReplicationOptions, replicationOf } from './replication-strategy.ts';
import { SimpleStrategy } from './simple-strategy.ts';

/** How a keyspace is replicated in one datacenter: by how many, and whether over racks. */
export interface DatacenterReplication {
  readonly replicationFactor: number;
  readonly rackAware: boolean;
}

/** Replicas to balance for while no keyspace says how many there will be. */
const assumed: DatacenterReplication = { replicationFactor: 3, rackAware: true };

/**
 * By which replication tokens are allocated in a datacenter: that of the keyspace with the most replicas there, of equals
 * the first; three over racks where there is none.
 */
export function mostReplicated(
  datacenter: string,
  replications: Iterable<ReplicationOptions>,
  knownDatacenters: readonly string[],
): DatacenterReplication {
  let most: DatacenterReplication | null = null;
  for (const replication of replications) {
    const found = replicationIn(datacenter, replication, knownDatacenters);
    if (found !== null && found.replicationFactor > (most?.replicationFactor ?? 0)) most = found;
  }
  return most ?? assumed;
}

/**
 * The replication that tokens can be balanced for where hosts stand in these racks: racks that are more than one and fewer
 * than the replicas make even shares impossible, so they are left out of account. They never block a join.
 */
export function overRacks(replication: DatacenterReplication, racks: Iterable<string>): DatacenterReplication {
  const count = new Set(racks).size;
  const uneven = replication.rackAware && count > 1 && count < replication.replicationFactor;
  return uneven ? { ...replication, rackAware: false } : replication;
}

/** Null for a map that no strategy has: it came by gossip, and is refused where somebody routes by it. */
function replicationIn(
  datacenter: string,
  replication: ReplicationOptions,
  knownDatacenters: readonly string[],
): DatacenterReplication | null {
  try {
    const strategy = replicationOf(replication, knownDatacenters);
    return strategy instanceof SimpleStrategy
      ? { replicationFactor: strategy.replicationFactor, rackAware: false }
      : { replicationFactor: strategy.replicationFactors.get(datacenter) ?? 0, rackAware: true };
  } catch (error) {
    if (error instanceof RingError) return null;
    throw error;
  }
}
