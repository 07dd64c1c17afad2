import { InvariantViolation } from '../base/error.ts';
import type { ReplicaWalk } from './replica-walk.ts';
import type { ReplicationStrategy } from './replication-strategy.ts';
import type { RingMember } from './ring-member.ts';
import type { TokenMap } from './token-map.ts';

/**
 * The replicas of every range of one map under one strategy. Each list is computed when it is first asked for, then
 * shared and frozen. The table belongs to its map: a newer ring has tables of its own, so a reader who still holds an
 * old one can neither see nor spoil the new (Cassandra had to guard this: CASSANDRA-16286).
 */
export class ReplicaTable {
  readonly map: TokenMap;
  readonly #walk: ReplicaWalk;
  readonly #lists: (readonly RingMember[] | undefined)[];

  constructor(map: TokenMap, strategy: ReplicationStrategy) {
    this.map = map;
    this.#walk = strategy.walk(map);
    this.#lists = new Array(map.size).fill(undefined);
  }

  /** The replicas of the range that ends at the token at `tokenIndex`, primary first; none for −1, of an empty map. */
  at(tokenIndex: number): readonly RingMember[] {
    if (tokenIndex < 0) return noReplicas;
    return this.#lists[tokenIndex] ?? this.#fill(tokenIndex);
  }

  #fill(tokenIndex: number): readonly RingMember[] {
    if (tokenIndex >= this.map.size) {
      throw new InvariantViolation(`got token index ${tokenIndex} for a map of ${this.map.size} tokens`);
    }
    const replicas = Object.freeze(this.#walk(tokenIndex).map((owner) => this.map.members[owner]!));
    this.#lists[tokenIndex] = replicas;
    return replicas;
  }
}

/** Shared, so that "nobody" costs nothing either. */
export const noReplicas: readonly RingMember[] = Object.freeze([]);
