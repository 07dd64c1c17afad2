import { createHash } from 'node:crypto';
import type { HostId } from '../base/id.ts';
import { mergeRanges } from '../token/merge-ranges.ts';
import type { TokenRange } from '../token/token-range.ts';
import type { RingOperationKind } from './future-owners.ts';
import type { RangeMovement } from './range-movement.ts';
import { type RangeTransfer, transfersOf } from './range-transfer.ts';
import type { RingChange } from './ring-change.ts';
import type { RingMember } from './ring-member.ts';

/** The operation that moves data: what of an open operation the movements bear. */
export interface MovingOperation {
  readonly operationId: string;
  readonly kind: RingOperationKind;
  /** Of the ring that they follow from. */
  readonly stepEpoch: number;
}

/** Ranges of which too few old replicas live to be sure of every acknowledged write. */
export interface UnavailableRanges {
  readonly keyspace: string;
  readonly ranges: readonly TokenRange[];
  readonly target: HostId;
  /** How many of `living` and `dead` together would do, or the loser alone, who is the first of `dead` if there is one. */
  readonly needed: number;
  readonly living: readonly HostId[];
  readonly dead: readonly HostId[];
}

/** All that must be moved for an operation, and what cannot be moved safely: with any of that it is not begun. */
export interface RangeMovements {
  readonly movements: readonly RangeMovement[];
  /** Its ranges are in `movements` with the sources that live, if any does: the most that could be saved. */
  readonly unavailable: readonly UnavailableRanges[];
  /** Targets that do not live: their movements cannot be done before they do. Ascending. */
  readonly deadTargets: readonly HostId[];
  /** Who lives, and would make it impossible by dying: every target, and each source that nobody can stand in for. */
  readonly neededAlive: readonly HostId[];
}

/**
 * What must be moved, keyspace by keyspace, between `begin` and `switch`. Source is the replica that loses the range, alone,
 * if it lives, else RF − quorum + 1 of the other old replicas. The ids do not depend on who lives, so a movement that is
 * done stays done when sources die or come back; they do on who are replicas, so after a forced removal only those are
 * still done whose data could be no other by the new ring.
 *
 * Deterministic. Ranges that go from the same hosts to the same host are one movement. Keys routed without a keyspace have
 * no movements. `only`: those in which this host takes part, as they are among all; of many hosts they are few.
 * (Cassandra: RangeStreamer, RangeRelocator)
 */
export function rangeMovements(
  change: RingChange,
  operation: MovingOperation,
  isAlive: (hostId: HostId) => boolean,
  only: HostId | null = null,
): RangeMovements {
  const movements: RangeMovement[] = [];
  const unavailable: UnavailableRanges[] = [];
  const targets = new Set<HostId>();
  const irreplaceable = new Set<HostId>();
  for (const { keyspace, transfer, ranges } of groupedTransfers(change, only)) {
    const { target } = transfer;
    const { sources, missing, replaceable } = sourcesOf(transfer, isAlive);
    targets.add(target.hostId);
    if (!replaceable) for (const source of sources) irreplaceable.add(source);
    if (missing !== null) unavailable.push({ keyspace, ranges, target: target.hostId, ...missing });
    if (sources.length === 0) continue;
    movements.push({
      id: movementId(operation.operationId, keyspace, transfer, ranges),
      operationId: operation.operationId,
      operation: operation.kind,
      keyspace,
      ranges,
      sources,
      targets: [target.hostId],
      epoch: operation.stepEpoch,
    });
  }
  return {
    movements,
    unavailable,
    deadTargets: [...targets].filter((hostId) => !isAlive(hostId)).sort(),
    neededAlive: [...new Set([...[...targets].filter(isAlive), ...irreplaceable])].sort(),
  };
}

/** The ranges of one transfer between the same hosts. */
interface TransferGroup {
  readonly keyspace: string;
  readonly transfer: RangeTransfer;
  readonly ranges: readonly TokenRange[];
}

function groupedTransfers(change: RingChange, only: HostId | null): TransferGroup[] {
  const all: { keyspace: string; transfer: RangeTransfer; ranges: TokenRange[] }[] = [];
  for (const { keyspace, changes } of change.byKeyspace) {
    // By the replicas before, whose text is made once a range: with many replicas most of the work was in these keys.
    const byReplicas = new Map<string, Map<string, { ranges: TokenRange[] }>>();
    for (const each of changes) {
      if (only !== null && !isAmong(only, each.before) && !isAmong(only, each.after)) continue;
      const replicas = textOf(each.before);
      let groups = byReplicas.get(replicas);
      if (groups === undefined) {
        groups = new Map();
        byReplicas.set(replicas, groups);
      }
      for (const transfer of transfersOf(each)) {
        const { target, loser, others } = transfer;
        if (only !== null && target.hostId !== only && loser?.hostId !== only && !isAmong(only, others)) continue;
        const key = `${target.hostId} ${loser?.hostId ?? ''}`;
        const group = groups.get(key);
        if (group !== undefined) group.ranges.push(each.range);
        else {
          const first = { keyspace, transfer, ranges: [each.range] };
          groups.set(key, first);
          all.push(first);
        }
      }
    }
  }
  return all.map((group) => ({ ...group, ranges: mergeRanges(group.ranges) }));
}

const isAmong = (hostId: HostId, members: readonly RingMember[]): boolean =>
  members.some((member) => member.hostId === hostId);

const textOf = (members: readonly RingMember[]): string =>
  members
    .map(({ hostId }) => hostId)
    .sort()
    .join();

/** `replaceable`: whichever one of the sources dies, others can stand in. */
function sourcesOf(
  { loser, others, neededOfOthers: needed }: RangeTransfer,
  isAlive: (hostId: HostId) => boolean,
): {
  sources: HostId[];
  missing: Pick<UnavailableRanges, 'needed' | 'living' | 'dead'> | null;
  replaceable: boolean;
} {
  const hosts = others.map(({ hostId }) => hostId);
  const living = hosts.filter(isAlive);
  if (loser !== null && isAlive(loser.hostId)) {
    return { sources: [loser.hostId], missing: null, replaceable: living.length >= needed };
  }
  if (living.length >= needed) {
    return { sources: living.slice(0, needed), missing: null, replaceable: living.length > needed };
  }
  const dead = [...(loser === null ? [] : [loser.hostId]), ...hosts.filter((hostId) => !isAlive(hostId))];
  return { sources: living, missing: { needed, living, dead }, replaceable: false };
}

function movementId(
  operationId: string,
  keyspace: string,
  { target, loser, others }: RangeTransfer,
  ranges: readonly TokenRange[],
): string {
  const edges = ranges.flatMap(({ left, right }) => [String(left), String(right)]);
  const from = [loser?.hostId ?? null, others.map(({ hostId }) => hostId).sort()];
  const hash = createHash('sha256').update(JSON.stringify([operationId, keyspace, target.hostId, from, edges]));
  return hash.digest('hex').slice(0, 32);
}
