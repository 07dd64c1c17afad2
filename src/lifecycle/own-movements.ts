import type { HostId } from '../base/id.ts';
import type { RangeMovement } from '../ring/range-movement.ts';
import { type MovingOperation, rangeMovements } from '../ring/range-movements.ts';
import type { RingChange } from '../ring/ring-change.ts';

/** `gain`: this node is the target and fetches; `lose`: it is a source that is a replica of the ranges no more afterwards. */
export type MovementRole = 'gain' | 'lose';

/** A movement in which a host takes part. */
export interface OwnMovement {
  readonly movement: RangeMovement;
  readonly role: MovementRole;
  /** Why it cannot be done now: too few of its sources may be read. Null: it can. */
  readonly missing: string | null;
}

/**
 * The movements of an operation in which `self` takes part, each with sources that may be read now: they live, and have
 * acknowledged `begin`, so that what is read holds every write of the ring before that they ever acknowledge. Which
 * movements there are does not depend on that; a loser that no movement reads from (it is dead, or was) takes part in none.
 * Where the operation is not strict a gain is read from whom there is, and one without anybody is none.
 */
export function ownMovements(
  self: HostId,
  operation: MovingOperation & { readonly strict: boolean },
  change: RingChange,
  mayRead: (hostId: HostId) => boolean,
): OwnMovement[] {
  const all = rangeMovements(change, operation, () => true, self);
  const now = rangeMovements(change, operation, mayRead, self);
  const lacking = new Map(now.unavailable.map((each) => [each.ranges, each]));
  const current = new Map(now.movements.map((movement) => [movement.id, movement]));
  const changes = new Map(change.byKeyspace.map((each) => [each.keyspace, each]));
  const staysReplica = ({ keyspace, ranges }: RangeMovement): boolean => {
    const { after } = changes.get(keyspace)!;
    return after.at(after.map.indexForToken(ranges[0]!.right)).some(({ hostId }) => hostId === self);
  };
  return all.movements.flatMap((movement): OwnMovement[] => {
    if (!movement.targets.includes(self)) {
      const loses = movement.sources.includes(self) && !staysReplica(movement);
      return loses ? [{ movement, role: 'lose', missing: null }] : [];
    }
    const held = current.get(movement.id);
    if (held === undefined && !operation.strict) return [];
    const unavailable = held === undefined || !operation.strict ? undefined : lacking.get(held.ranges);
    if (held !== undefined && unavailable === undefined) return [{ movement: held, role: 'gain', missing: null }];
    const sources = movement.sources.join(' or ');
    const needed = `too few sources of ranges of ${movement.keyspace} are alive and know of it: start ${sources}`;
    return [{ movement, role: 'gain', missing: needed }];
  });
}
