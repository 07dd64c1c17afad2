import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';

/** Whom a node may gossip with. None of the lists holds the node itself; seeds stand in one of the others too. */
export interface PeerCandidates {
  readonly live: readonly HostId[];
  readonly unreachable: readonly HostId[];
  /** Host ids behind the seed addresses, as far as they are known. */
  readonly seeds: readonly HostId[];
}

/**
 * Whom to open an exchange with in this round, each once (Cassandra's GossipTask): `peers` live hosts (there: one); with
 * probability unreachable / (live + 1) one that is unreachable; and, unless a seed was met already and there are at least
 * as many live hosts as seeds, a seed with probability seeds / (live + unreachable), always if nobody is live.
 */
export function choosePeers({ live, unreachable, seeds }: PeerCandidates, random: Random, peers = 1): HostId[] {
  const chosen = new Set<HostId>();
  const pick = (hosts: readonly HostId[]): HostId => hosts[random.below(hosts.length)]!;
  while (chosen.size < Math.min(peers, live.length)) chosen.add(pick(live));
  const metSeed = seeds.some((seed) => chosen.has(seed));
  if (unreachable.length > 0 && random.fraction() < unreachable.length / (live.length + 1)) {
    chosen.add(pick(unreachable));
  }
  if (seeds.length > 0 && (!metSeed || live.length < seeds.length)) {
    const probability = live.length === 0 ? 1 : seeds.length / (live.length + unreachable.length);
    if (random.fraction() <= probability) chosen.add(pick(seeds));
  }
  return [...chosen];
}
