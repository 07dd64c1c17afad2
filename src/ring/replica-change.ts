import { compareTokens, type Token } from '../token/token.ts';
import type { TokenRange } from '../token/token-range.ts';
import type { ReplicaTable } from './replica-table.ts';
import type { RingMember } from './ring-member.ts';
import type { TokenMap } from './token-map.ts';

/** A range whose replicas are not the same hosts before and after a change. Both lists in Cassandra's order. */
export interface ReplicaChange {
  readonly range: TokenRange;
  readonly before: readonly RingMember[];
  readonly after: readonly RingMember[];
}

/**
 * Every range in which the change makes other hosts replicas, ascending, cut at the tokens of both maps; ranges with the
 * same hosts in another order are none.
 */
export function replicaChanges(before: ReplicaTable, after: ReplicaTable): ReplicaChange[] {
  const changes: ReplicaChange[] = [];
  const tokens = tokensOf(before.map, after.map);
  let left = tokens.at(-1)!;
  for (const right of tokens) {
    const old = before.at(before.map.indexForToken(right));
    const next = after.at(after.map.indexForToken(right));
    if (!sameHosts(old, next)) changes.push({ range: { left, right }, before: old, after: next });
    left = right;
  }
  return changes;
}

/** Whom the second list has and the first has not, in the second's order. */
export function gainedBy(before: readonly RingMember[], after: readonly RingMember[]): RingMember[] {
  return after.filter(({ hostId }) => !before.some((each) => each.hostId === hostId));
}

/** The tokens of both maps, ascending, each once. */
function tokensOf(before: TokenMap, after: TokenMap): Token[] {
  const tokens = new Set<Token>();
  for (const map of [before, after]) for (let index = 0; index < map.size; index++) tokens.add(map.tokenAt(index));
  return [...tokens].sort(compareTokens);
}

function sameHosts(before: readonly RingMember[], after: readonly RingMember[]): boolean {
  return before.length === after.length && gainedBy(before, after).length === 0;
}
