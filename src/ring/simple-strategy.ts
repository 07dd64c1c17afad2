import type { ReplicaWalk } from './replica-walk.ts';
import type { TokenMap } from './token-map.ts';

/**
 * Clockwise from the key, each new host until there are RF of them; all hosts if there are fewer. Blind to datacenters
 * and racks. (Cassandra: SimpleStrategy.calculateNaturalReplicas)
 */
export class SimpleStrategy {
  /** At least 1; may exceed the number of hosts. */
  readonly replicationFactor: number;
  /** The canonical replication map: see `ReplicationStrategy`. */
  readonly options: Readonly<Record<string, string>>;

  constructor(replicationFactor: number) {
    this.replicationFactor = replicationFactor;
    this.options = Object.freeze({ class: 'SimpleStrategy', replication_factor: String(replicationFactor) });
  }

  /** How replicas are found on this map. */
  walk(map: TokenMap): ReplicaWalk {
    const wanted = Math.min(this.replicationFactor, map.members.length);
    // The walk in which a member was last chosen: nothing to clear between walks.
    const chosenIn = new Int32Array(map.members.length);
    let walk = 0;
    return (tokenIndex) => {
      walk++;
      const replicas: number[] = [];
      let at = tokenIndex;
      for (let step = 0; step < map.size && replicas.length < wanted; step++) {
        const owner = map.ownerAt(at);
        if (chosenIn[owner] !== walk) {
          chosenIn[owner] = walk;
          replicas.push(owner);
        }
        at = at + 1 === map.size ? 0 : at + 1;
      }
      return replicas;
    };
  }
}
