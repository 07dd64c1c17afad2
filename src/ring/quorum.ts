/**
 * How many of `replicas` are a quorum: any two quorums share a replica. 1→1, 2→2, 3→2, 4→3, 5→3; 1 for no replicas, so that
 * where nobody owns a key nothing succeeds. Counted are the replicas there are, so that one host with replication factor 3
 * is a whole cluster. (Cassandra: ConsistencyLevel.QUORUM, which counts the replication factor)
 */
export function quorumOf(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

/** How many of `replicas` may be silent while a quorum answers: 1→0, 2→0, 3→1, 4→1, 5→2. */
export function silenceOf(replicas: number): number {
  return Math.max(0, replicas - quorumOf(replicas));
}

/**
 * How many of `replicas` every quorum meets at least one of: 1→1, 2→1, 3→2, 4→2, 5→3; 0 of none. So many that know a thing
 * make it known to every quorum; so many that refuse make every quorum fail. (replication factor − quorum + 1)
 */
export function meetingEveryQuorum(replicas: number): number {
  return replicas === 0 ? 0 : silenceOf(replicas) + 1;
}

/**
 * How many of the replicas before and after a change (`union` hosts in all) must acknowledge a quorum write, so that
 * whoever are silent, a quorum of those before and a quorum of those after have it. For equally many before and after
 * this is a quorum of them plus every pending one, as Cassandra counts; where their number changes (another replication
 * factor, fewer hosts than that) it may be more, for counting by one side could leave the other without a quorum.
 * (Cassandra: ConsistencyLevel.blockForWrite)
 */
export function requiredAcks(before: number, after: number, union: number): number {
  return Math.max(1, union - Math.min(silenceOf(before), silenceOf(after)));
}
