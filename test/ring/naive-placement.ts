import type { RingMember } from '../../src/ring/ring-member.ts';
import type { Token } from '../../src/token/token.ts';

/** The hosts in the order in which a walk from `token` first meets them. Slow and obvious on purpose. */
function hostsInOrder(members: readonly RingMember[], token: Token): RingMember[] {
  const ring = members
    .flatMap((member) => member.tokens.map((each) => ({ token: each, member })))
    .sort((a, b) => (a.token < b.token ? -1 : 1));
  const after = ring.filter((entry) => entry.token >= token);
  const before = ring.filter((entry) => entry.token < token);
  return [...new Set([...after, ...before].map((entry) => entry.member))];
}

/** SimpleStrategy: the first RF hosts. */
export function naiveSimple(members: readonly RingMember[], factor: number, token: Token): string[] {
  return hostsInOrder(members, token)
    .slice(0, factor)
    .map(({ hostId }) => hostId);
}

/**
 * NetworkTopologyStrategy in two phases, each datacenter by itself: first the first host of every rack, then, while
 * replicas are missing, the hosts left over. All in the order of the ring.
 */
export function naiveNetworkTopology(
  members: readonly RingMember[],
  factors: Readonly<Record<string, number>>,
  token: Token,
): string[] {
  const order = hostsInOrder(members, token);
  const chosen = new Set<RingMember>();
  for (const [datacenter, factor] of Object.entries(factors)) {
    const hosts = order.filter((host) => host.datacenter === datacenter);
    const racks = new Set<string>();
    const firstOfRack: RingMember[] = [];
    const others: RingMember[] = [];
    for (const host of hosts) {
      (racks.has(host.rack) ? others : firstOfRack).push(host);
      racks.add(host.rack);
    }
    for (const host of [...firstOfRack, ...others].slice(0, factor)) chosen.add(host);
  }
  return order.filter((host) => chosen.has(host)).map(({ hostId }) => hostId);
}
