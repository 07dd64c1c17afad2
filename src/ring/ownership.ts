import type { HostId } from '../base/id.ts';
import { rangeShare, type TokenRange } from '../token/token-range.ts';
import type { ReplicaTable } from './replica-table.ts';
import type { RingMember } from './ring-member.ts';
import type { TokenMap } from './token-map.ts';

/** A range of the ring and its replicas, primary first. */
export interface ReplicatedRange {
  readonly range: TokenRange;
  readonly replicas: readonly RingMember[];
}

/**
 * Each member's share of the ring as primary owner: they sum to 1, or to 0 in an empty map. A member without tokens
 * has 0. (Cassandra: StorageService.getOwnership)
 */
export function rawOwnership(map: TokenMap): Map<HostId, number> {
  const shares = new Map(map.members.map((member) => [member.hostId, 0]));
  for (const { range, owner } of map.ranges()) shares.set(owner.hostId, shares.get(owner.hostId)! + rangeShare(range));
  return shares;
}

/**
 * Each member's share of the ring as replica of any rank, nodetool's "Owns (effective)": 0 to 1 each. Within a datacenter
 * they sum to its replication factor, or to its number of hosts where that is less; under SimpleStrategy all together do.
 * (Cassandra: StorageService.effectiveOwnership)
 */
export function effectiveOwnership(table: ReplicaTable): Map<HostId, number> {
  const shares = new Map(table.map.members.map((member) => [member.hostId, 0]));
  for (let index = 0; index < table.map.size; index++) {
    const share = rangeShare(table.map.rangeAt(index));
    for (const { hostId } of table.at(index)) shares.set(hostId, shares.get(hostId)! + share);
  }
  return shares;
}

/** Every range with its replicas, ascending by its right end. (Cassandra: StorageService.describeRing) */
export function describeRanges(table: ReplicaTable): ReplicatedRange[] {
  const ranges: ReplicatedRange[] = [];
  for (let index = 0; index < table.map.size; index++) {
    ranges.push({ range: table.map.rangeAt(index), replicas: table.at(index) });
  }
  return ranges;
}
