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
  const [old, next] = [before.map, after.map];
  let [oldIndex, nextIndex] = [0, 0];
  let endOfLast: (() => Token) | null = null;
  while (oldIndex < old.size || nextIndex < next.size) {
    // The next token of the two maps ends a range in which both have one list, that of their next token, around the end.
    const order = orderOf(old, oldIndex, next, nextIndex);
    const [ending, index] = order <= 0 ? [old, oldIndex] : [next, nextIndex];
    const oldReplicas = before.at(aroundTheEnd(oldIndex, old));
    const nextReplicas = after.at(aroundTheEnd(nextIndex, next));
    if (!sameHosts(oldReplicas, nextReplicas)) {
      const left = endOfLast === null ? lastOf(old, next) : endOfLast();
      changes.push({ range: { left, right: ending.tokenAt(index) }, before: oldReplicas, after: nextReplicas });
    }
    endOfLast = () => ending.tokenAt(index);
    if (order <= 0) oldIndex++;
    if (order >= 0) nextIndex++;
  }
  return changes;
}

/** Whom the second list has and the first has not, in the second's order. */
export function gainedBy(before: readonly RingMember[], after: readonly RingMember[]): RingMember[] {
  return after.filter(({ hostId }) => !before.some((each) => each.hostId === hostId));
}

/** Which map has the next token: negative for the first, 0 for both. A map at its end has none. */
function orderOf(old: TokenMap, oldIndex: number, next: TokenMap, nextIndex: number): number {
  if (oldIndex === old.size) return 1;
  return nextIndex === next.size ? -1 : old.compareAt(oldIndex, next, nextIndex);
}

/** −1 for an empty map, as `ReplicaTable.at` takes it. */
const aroundTheEnd = (index: number, { size }: TokenMap): number => (index < size ? index : size === 0 ? -1 : 0);

function lastOf(...maps: TokenMap[]): Token {
  return maps
    .flatMap((map) => (map.size === 0 ? [] : [map.tokenAt(map.size - 1)]))
    .sort(compareTokens)
    .at(-1)!;
}

function sameHosts(before: readonly RingMember[], after: readonly RingMember[]): boolean {
  if (before.length !== after.length) return false;
  for (let index = 0; index < before.length; index++) {
    const { hostId } = before[index]!;
    // Most often in the same place.
    if (after[index]!.hostId !== hostId && !after.some((each) => each.hostId === hostId)) return false;
  }
  return true;
}
