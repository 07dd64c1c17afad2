import type { ReplicaWalk } from './replica-walk.ts';
import type { TokenMap } from './token-map.ts';

/**
 * A replication factor for each datacenter, replicas on different racks while there are enough of them. A datacenter
 * without hosts is passed over. (Cassandra: NetworkTopologyStrategy.calculateNaturalReplicas, DatacenterEndpoints)
 */
export class NetworkTopologyStrategy {
  /** Datacenter → replication factor, each at least 1. */
  readonly replicationFactors: ReadonlyMap<string, number>;
  /** The canonical replication map: see `ReplicationStrategy`. */
  readonly options: Readonly<Record<string, string>>;

  constructor(replicationFactors: ReadonlyMap<string, number>) {
    this.replicationFactors = replicationFactors;
    const entries: [string, string][] = [['class', 'NetworkTopologyStrategy']];
    for (const [datacenter, factor] of replicationFactors) entries.push([datacenter, String(factor)]);
    this.options = Object.freeze(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
  }

  /** How replicas are found on this map. */
  walk(map: TokenMap): ReplicaWalk {
    const { wanted, repeatsAllowed, datacenterOf, rackOf, rackCount } = placesOf(map, this.replicationFactors);
    const openDatacenters = wanted.filter((count) => count > 0).length;
    const left = new Int32Array(wanted.length);
    const repeatsLeft = new Int32Array(wanted.length);
    // The walk in which a member was last chosen, a rack last used: nothing to clear between walks.
    const chosenIn = new Int32Array(map.members.length);
    const usedIn = new Int32Array(rackCount);
    let walk = 0;
    return (tokenIndex) => {
      walk++;
      left.set(wanted);
      repeatsLeft.set(repeatsAllowed);
      let open = openDatacenters;
      const replicas: number[] = [];
      let at = tokenIndex;
      for (let step = 0; step < map.size && open > 0; step++) {
        const owner = map.ownerAt(at);
        at = at + 1 === map.size ? 0 : at + 1;
        const datacenter = datacenterOf[owner]!;
        if (datacenter < 0 || left[datacenter] === 0 || chosenIn[owner] === walk) continue;
        const rack = rackOf[owner]!;
        if (usedIn[rack] === walk) {
          // As many different racks are still needed as replicas are: a host skipped here is never come back to.
          if (repeatsLeft[datacenter]! <= 0) continue;
          repeatsLeft[datacenter]!--;
        }
        usedIn[rack] = walk;
        chosenIn[owner] = walk;
        replicas.push(owner);
        left[datacenter]!--;
        if (left[datacenter] === 0) open--;
      }
      return replicas;
    };
  }
}

/** What a walk must know of a map. Only hosts that own a token count, as in Cassandra's topology. */
interface Places {
  /** By datacenter: replicas to find, min(RF, its hosts); and how many of them may share a rack, RF − its racks. */
  readonly wanted: Int32Array;
  readonly repeatsAllowed: Int32Array;
  /** By member: its datacenter (−1 if that is not replicated to), and its rack, numbered over all datacenters. */
  readonly datacenterOf: Int32Array;
  readonly rackOf: Int32Array;
  readonly rackCount: number;
}

function placesOf(map: TokenMap, replicationFactors: ReadonlyMap<string, number>): Places {
  const factors = [...replicationFactors.values()];
  const numbers = new Map([...replicationFactors.keys()].map((name, number) => [name, number]));
  const racks = factors.map(() => new Map<string, number>());
  const hosts = new Int32Array(factors.length);
  const datacenterOf = new Int32Array(map.members.length).fill(-1);
  const rackOf = new Int32Array(map.members.length);
  const counted = new Uint8Array(map.members.length);
  let rackCount = 0;
  for (let index = 0; index < map.size; index++) {
    const owner = map.ownerAt(index);
    if (counted[owner] === 1) continue;
    counted[owner] = 1;
    const { datacenter, rack } = map.members[owner]!;
    const number = numbers.get(datacenter);
    if (number === undefined) continue;
    datacenterOf[owner] = number;
    hosts[number]!++;
    const racksHere = racks[number]!;
    if (!racksHere.has(rack)) racksHere.set(rack, rackCount++);
    rackOf[owner] = racksHere.get(rack)!;
  }
  return {
    wanted: Int32Array.from(factors, (factor, number) => Math.min(factor, hosts[number]!)),
    // The full RF, not the one clipped to the hosts there are.
    repeatsAllowed: Int32Array.from(factors, (factor, number) => factor - racks[number]!.size),
    datacenterOf,
    rackOf,
    rackCount,
  };
}
