import type { TokenPlaces } from '../lifecycle/token-assignment.ts';
import { mostReplicated } from '../ring/most-replicated.ts';
import { firstTokens } from '../token/token-allocator.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

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
    replicationIn: (datacenter) =>
      mostReplicated(datacenter, membership.keyspaces().values(), [...membership.datacenters(), datacenter]),
    log: (level, event, message, facts) => context.log(level, event, message, facts),
  };
}
