import type { HostId } from '../base/id.ts';
import { type BarrierNeeds, barrierNeeds, barrierPossible } from '../ring/barrier-needs.ts';
import { type MovingOperation, rangeMovements } from '../ring/range-movements.ts';
import { transfersOf } from '../ring/range-transfer.ts';
import { gainedBy } from '../ring/replica-change.ts';
import type { RingChange } from '../ring/ring-change.ts';

/** What the steps of an operation wait for. */
export interface Barriers {
  /** Enough replicas have acknowledged the step. */
  readonly acknowledgements: boolean;
  /** Who gains or loses ranges has moved them. */
  readonly data: boolean;
}

export const allBarriers: Barriers = { acknowledgements: true, data: true };

/** What an operation asks of whom. */
export interface OperationNeeds {
  /** Null: no acknowledgement is waited for. */
  readonly barrier: BarrierNeeds | null;
  /** Whose data must be complete before the ring is read anew, and who cease to be replicas: they move data. */
  readonly gainers: ReadonlySet<HostId>;
  readonly losers: ReadonlySet<HostId>;
}

/** Who takes part in the moving of data. */
export function moversOf(needs: OperationNeeds | null): ReadonlySet<HostId> {
  return needs === null ? new Set() : new Set([...needs.gainers, ...needs.losers]);
}

/** The needs of an operation, the same at each of its steps. Every member works them out: no movement is made for it. */
export function operationNeeds(change: RingChange, { acknowledgements, data }: Barriers): OperationNeeds {
  const barrier = acknowledgements ? barrierNeeds(change) : null;
  if (!data) return { barrier, gainers: new Set(), losers: new Set() };
  const gainers = new Set<HostId>();
  const losers = new Set<HostId>();
  for (const { changes } of change.byKeyspace) {
    for (const { before, after } of changes) {
      for (const { target, loser, neededOfOthers } of transfersOf({ before, after })) {
        // Who holds enough itself is sent nothing.
        if (loser !== null || neededOfOthers > 0) gainers.add(target.hostId);
      }
      for (const { hostId } of gainedBy(after, before)) losers.add(hostId);
    }
  }
  return { barrier, gainers, losers };
}

/**
 * Why an operation that is only thought of could not come to its end with those who live, in a sentence: too few to
 * acknowledge its steps, a dead target, or too few sources of some ranges. Null: it could. One that is not strict only asks
 * that its targets live.
 */
export function impossibility(
  change: RingChange,
  operation: MovingOperation & { readonly strict: boolean },
  isAlive: (hostId: HostId) => boolean,
): string | null {
  const needs = barrierNeeds(change);
  const { possible, shortfalls, missing } = barrierPossible(needs, new Set(needs.hosts.filter(isAlive)));
  if (!possible && operation.strict) {
    const { keyspace, replicas, needed } = shortfalls[0]!;
    return `the ${operation.kind} could not end: ${missing.join(', ')} not alive; ${needed} of the replicas ${replicas.join(', ')} of ranges of ${keyspace} must acknowledge it`;
  }
  const { deadTargets, unavailable } = rangeMovements(change, operation, isAlive);
  if (deadTargets.length > 0)
    return `the ${operation.kind} could not end: ${deadTargets.join(', ')} is to gain ranges and not alive`;
  const [lacking] = unavailable;
  if (lacking === undefined || !operation.strict) return null;
  return `the ${operation.kind} could lose data: ranges of ${lacking.keyspace} are to be read from ${lacking.needed} of their old replicas, and ${lacking.dead.join(', ')} not alive`;
}
