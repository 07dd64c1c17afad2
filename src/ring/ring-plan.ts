import type { HostId } from '../base/id.ts';
import { rangeShare, type TokenRange } from '../token/token-range.ts';
import { type BarrierShortfall, barrierNeeds, barrierPossible } from './barrier-needs.ts';
import { effectiveOwnership } from './ownership.ts';
import { type MovingOperation, type RangeMovements, rangeMovements } from './range-movements.ts';
import type { ReplicaTable } from './replica-table.ts';
import type { KeyspaceChange, RingChange } from './ring-change.ts';
import type { RingMember } from './ring-member.ts';

/** What an operation would do to one keyspace. */
export interface KeyspacePlan {
  readonly keyspace: string;
  /** The part of the ring whose replicas change, 0 to 1. */
  readonly changedShare: number;
  /** What all targets together are sent, in rings: 1 is as much as one replica of the whole keyspace. */
  readonly movedShare: number;
  /** The largest effective ownership over the mean of its datacenter, of whichever datacenter it is worst in; 1 is even. */
  readonly balance: { readonly before: number; readonly after: number };
  /** In how many racks the replicas of a range stand at the least, and the part of the ring where these are fewer after. */
  readonly racks: { readonly before: number; readonly after: number; readonly narrowedShare: number };
}

/** What an operation would do, and whether it can be done now. Nothing is changed by asking. */
export interface RingPlan extends RangeMovements {
  readonly keyspaces: readonly KeyspacePlan[];
  /** Whose acknowledgement its steps ask for, not all of whom are needed; ascending. */
  readonly acknowledging: readonly HostId[];
  /** Groups of replicas of which too few live for a barrier. */
  readonly shortfalls: readonly BarrierShortfall[];
  /** Whose death would stop it now: a target, or one without whom a barrier or a source would be missing. Ascending. */
  readonly neededAlive: readonly HostId[];
  /** False: it is refused, for `shortfalls`, `unavailable` or `deadTargets`; the first two can be forced. */
  readonly possible: boolean;
}

/** The plan of an operation, open or only thought of. */
export function ringPlan(change: RingChange, operation: MovingOperation, alive: ReadonlySet<HostId>): RingPlan {
  const needs = barrierNeeds(change);
  const moved = rangeMovements(change, operation, (hostId) => alive.has(hostId));
  const { shortfalls } = barrierPossible(needs, alive);
  const critical = needs.groups
    .map(({ replicas, needed }) => ({ living: replicas.filter((hostId) => alive.has(hostId)), needed }))
    .flatMap(({ living, needed }) => (living.length === needed ? living : []));
  return {
    ...moved,
    keyspaces: change.byKeyspace.map((each) => keyspacePlan(each, moved)),
    acknowledging: needs.hosts,
    shortfalls,
    neededAlive: [...new Set([...moved.neededAlive, ...critical])].sort(),
    possible: shortfalls.length === 0 && moved.unavailable.length === 0 && moved.deadTargets.length === 0,
  };
}

function keyspacePlan({ keyspace, before, after, changes }: KeyspaceChange, moved: RangeMovements): KeyspacePlan {
  const share = (ranges: readonly TokenRange[]): number => ranges.reduce((sum, range) => sum + rangeShare(range), 0);
  const narrowed = changes.filter((each) => racksOf(each.after) < racksOf(each.before));
  return {
    keyspace,
    changedShare: share(changes.map(({ range }) => range)),
    movedShare: share(moved.movements.filter((each) => each.keyspace === keyspace).flatMap(({ ranges }) => ranges)),
    balance: { before: balanceOf(before), after: balanceOf(after) },
    racks: {
      before: fewestRacks(before),
      after: fewestRacks(after),
      narrowedShare: share(narrowed.map(({ range }) => range)),
    },
  };
}

/** The largest effective ownership over the mean, in the datacenter where that is worst; 1 where nobody owns anything. */
function balanceOf(table: ReplicaTable): number {
  const shares = effectiveOwnership(table);
  const byDatacenter = new Map<string, number[]>();
  for (const { hostId, datacenter, tokens } of table.map.members) {
    if (tokens.length > 0) byDatacenter.set(datacenter, [...(byDatacenter.get(datacenter) ?? []), shares.get(hostId)!]);
  }
  const worst = [...byDatacenter.values()].map((owned) => {
    const sum = owned.reduce((total, each) => total + each, 0);
    return sum === 0 ? 1 : (Math.max(...owned) * owned.length) / sum;
  });
  return Math.max(1, ...worst);
}

const racksOf = (replicas: readonly RingMember[]): number =>
  new Set(replicas.map(({ datacenter, rack }) => JSON.stringify([datacenter, rack]))).size;

/** Of all ranges; 0 in an empty ring. */
function fewestRacks(table: ReplicaTable): number {
  let fewest = Number.POSITIVE_INFINITY;
  for (let index = 0; index < table.map.size; index++) fewest = Math.min(fewest, racksOf(table.at(index)));
  return table.map.size === 0 ? 0 : fewest;
}
