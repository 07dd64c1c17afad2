/** How a replica is seen, and how it means to serve. */
export interface Standing {
  readonly liveness: 'alive' | 'suspect' | 'dead';
  readonly mode: 'ok' | 'overloaded' | 'drained' | 'restarting';
}

/**
 * The replicas of a key in the order in which a reader should ask them: who lives and serves, then who is overloaded, then
 * who means to serve no more (drained, about to restart), then the suspect, then the dead. Nobody is left out, for a quorum
 * may need the last of them; among equals the order given stands, the primary first. In an ordinary hour it is the list that
 * was given. (Cassandra: DynamicEndpointSnitch)
 */
export function readOrder<Replica extends Standing>(replicas: readonly Replica[]): readonly Replica[] {
  if (replicas.every((replica) => reluctance(replica) === 0)) return replicas;
  return [...replicas].sort((left, right) => reluctance(left) - reluctance(right));
}

const byMode = { ok: 0, overloaded: 1, restarting: 2, drained: 2 } as const;

function reluctance({ liveness, mode }: Standing): number {
  if (liveness === 'alive') return byMode[mode];
  return liveness === 'suspect' ? 3 : 4;
}
