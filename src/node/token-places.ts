import { RingError } from '../base/error.ts';
import type { TokenPlaces } from '../lifecycle/token-assignment.ts';
import { type ReplicationOptions, replicationOf } from '../ring/replication-strategy.ts';
import { SimpleStrategy } from '../ring/simple-strategy.ts';
import { firstTokens } from '../token/token-allocator.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

/** Replicas to balance for while no keyspace says how many there will be. */
const assumedReplicationFactor = 3;

/** The first tokens of a ring: those that are configured, or evenly spaced ones. */
export function foundingTokens({ config, self }: NodeContext): readonly bigint[] {
  return config.initialTokens.length > 0 ? config.initialTokens : firstTokens(self.hostId, config.tokens);
}

/** Datacenters and racks from gossip, replication from the schema: what tokens are allocated by. */
export function tokenPlaces(context: NodeContext, membership: Membership): TokenPlaces {
  return {
    placeOf: (hostId) => {
      const { datacenter, rack } = membership.member(hostId);
      return { datacenter, rack };
    },
    replicationIn: (datacenter) => {
      const datacenters = [...membership.datacenters(), datacenter];
      let most = { replicationFactor: 0, rackAware: true };
      for (const { replication } of context.protocols.schema.list()) {
        const wanted = replication === null ? null : replicasIn(datacenter, replication, datacenters);
        if (wanted !== null && wanted.replicationFactor > most.replicationFactor) most = wanted;
      }
      return most.replicationFactor > 0 ? most : { replicationFactor: assumedReplicationFactor, rackAware: true };
    },
    log: (level, event, message, facts) => context.log(level, event, message, facts),
  };
}

/** Null for a map that no strategy has: it came by gossip, and is refused where somebody routes by it. */
function replicasIn(
  datacenter: string,
  replication: ReplicationOptions,
  datacenters: readonly string[],
): ReturnType<TokenPlaces['replicationIn']> | null {
  try {
    const strategy = replicationOf(replication, datacenters);
    return strategy instanceof SimpleStrategy
      ? { replicationFactor: strategy.replicationFactor, rackAware: false }
      : { replicationFactor: strategy.replicationFactors.get(datacenter) ?? 0, rackAware: true };
  } catch (error) {
    if (error instanceof RingError) return null;
    throw error;
  }
}
