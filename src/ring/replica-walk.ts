/**
 * The replicas of one range of a map, found by walking the ring clockwise from its token's index: indices into
 * `map.members`, in Cassandra's exact order, the primary first. A walk keeps scratch space of its map and strategy; the
 * array it returns is the caller's.
 */
export type ReplicaWalk = (tokenIndex: number) => number[];
