import type { HostId } from '../base/id.ts';
import type { TokenRange } from '../token/token-range.ts';
import { meetingEveryQuorum } from './quorum.ts';
import type { RingChange } from './ring-change.ts';
import type { RingMember } from './ring-member.ts';

/** Replicas that some ranges have in common, and how many of them must have acknowledged. */
export interface BarrierGroup {
  /** Ascending. */
  readonly replicas: readonly HostId[];
  readonly needed: number;
  /** One of the ranges, for people. */
  readonly keyspace: string;
  readonly range: TokenRange;
}

/**
 * What must be so before the ring goes on from one step of an operation to the next. Of every range that the operation
 * affects, so many of the replicas before it, and so many of those after it, must have acknowledged the step that every
 * quorum has one of them. Whoever still routes by the step before meets one that refuses it, so that no two steps apart are
 * ever in use at once. The needs are the same at `begin` and at `switch`.
 *
 * Quorums are of all replicas of a range: writes at a LOCAL level of one datacenter are not covered by this.
 */
export interface BarrierNeeds {
  readonly groups: readonly BarrierGroup[];
  /** Everybody in any group, ascending: whom to ask. */
  readonly hosts: readonly HostId[];
}

/** The needs of an operation. Ranges with the same replicas stand in it once, so it stays small; no keyspace, no needs. */
export function barrierNeeds(change: RingChange): BarrierNeeds {
  const groups = new Map<string, BarrierGroup>();
  const add = (members: readonly RingMember[], keyspace: string, range: TokenRange): void => {
    if (members.length === 0) return;
    const replicas = members.map(({ hostId }) => hostId).sort();
    const key = replicas.join();
    if (groups.has(key)) return;
    groups.set(key, { replicas, needed: meetingEveryQuorum(replicas.length), keyspace, range });
  };
  for (const { keyspace, changes } of change.byKeyspace) {
    for (const { range, before, after } of changes) {
      add(before, keyspace, range);
      add(after, keyspace, range);
    }
  }
  const hosts = new Set([...groups.values()].flatMap(({ replicas }) => replicas));
  return { groups: [...groups.values()], hosts: [...hosts].sort() };
}

/** True once those who acknowledged are enough for every group. */
export function barrierReached(needs: BarrierNeeds, acknowledged: ReadonlySet<HostId>): boolean {
  return needs.groups.every(({ replicas, needed }) => countIn(replicas, acknowledged) >= needed);
}

/** What is left of the needs where the dead are waited for no longer, because an operator said that they are lost. */
export function needsOfLiving(needs: BarrierNeeds, isAlive: (hostId: HostId) => boolean): BarrierNeeds {
  const groups = needs.groups.map((group) => ({
    ...group,
    needed: Math.min(group.needed, group.replicas.filter(isAlive).length),
  }));
  return { ...needs, groups };
}

/** A group that cannot come to its number, and who of it is missing. */
export interface BarrierShortfall extends BarrierGroup {
  readonly missing: readonly HostId[];
}

/** Whether the barrier can be reached while only `alive` answer; if not, which groups fall short, and of whom. */
export function barrierPossible(
  needs: BarrierNeeds,
  alive: ReadonlySet<HostId>,
): {
  readonly possible: boolean;
  readonly shortfalls: readonly BarrierShortfall[];
  readonly missing: readonly HostId[];
} {
  const shortfalls = needs.groups
    .filter(({ replicas, needed }) => countIn(replicas, alive) < needed)
    .map((group) => ({ ...group, missing: group.replicas.filter((hostId) => !alive.has(hostId)) }));
  const missing = [...new Set(shortfalls.flatMap((each) => each.missing))].sort();
  return { possible: shortfalls.length === 0, shortfalls, missing };
}

const countIn = (replicas: readonly HostId[], hosts: ReadonlySet<HostId>): number =>
  replicas.reduce((count, hostId) => count + (hosts.has(hostId) ? 1 : 0), 0);
