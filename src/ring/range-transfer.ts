import type { HostId } from '../base/id.ts';
import { meetingEveryQuorum, quorumOf, silenceOf } from './quorum.ts';
import { gainedBy, type ReplicaChange } from './replica-change.ts';
import type { RingMember } from './ring-member.ts';

/** How one host comes to hold what a quorum was told of a range, before it is among those who answer for it. */
export interface RangeTransfer {
  readonly target: RingMember;
  /**
   * The replica that loses the range to this target, and to no other. It is read alone: the target then holds exactly what
   * it held, so that a quorum after the change knows what a quorum before it knew. Null: nobody loses it to the target.
   */
  readonly loser: RingMember | null;
  /** The other replicas before the change; those in the target's datacenter first. */
  readonly others: readonly RingMember[];
  /** So many of `others`, read and merged, hold every acknowledged quorum write. What the target held itself counts. */
  readonly neededOfOthers: number;
}

/**
 * Who must be sent the data of a changed range.
 *
 * Each gained replica is paired with one lost; two that copied the same one could be a quorum which both lack a write. Where
 * more are gained than lost, the others merge so many old replicas that every quorum write is among them. Where so many are
 * lost at once that those who stay may have missed a write (three replicas become one), everybody merges.
 */
export function transfersOf({ before, after }: Pick<ReplicaChange, 'before' | 'after'>): RangeTransfer[] {
  if (before.length === 0) return [];
  const needed = meetingEveryQuorum(before.length);
  const pairing = silenceOf(before.length) < quorumOf(after.length);
  const targets = pairing ? gainedBy(before, after) : after;
  const losers = pairing ? pairs(targets, gainedBy(after, before)) : new Map<HostId, RingMember>();
  return targets.map((target) => {
    const loser = losers.get(target.hostId) ?? null;
    const holds = before.some(({ hostId }) => hostId === target.hostId);
    const others = before.filter(({ hostId }) => hostId !== target.hostId && hostId !== loser?.hostId);
    const near = others.filter(({ datacenter }) => datacenter === target.datacenter);
    const far = others.filter(({ datacenter }) => datacenter !== target.datacenter);
    return { target, loser, others: [...near, ...far], neededOfOthers: holds ? needed - 1 : needed };
  });
}

/** Each gained host with a lost one of its own, of its datacenter if there is one left, in the order given. */
function pairs(gained: readonly RingMember[], lost: readonly RingMember[]): Map<HostId, RingMember> {
  const left = [...lost];
  const paired = new Map<HostId, RingMember>();
  const take = (target: RingMember, index: number): void => {
    if (index >= 0) paired.set(target.hostId, left.splice(index, 1)[0]!);
  };
  for (const target of gained) {
    take(
      target,
      left.findIndex(({ datacenter }) => datacenter === target.datacenter),
    );
  }
  for (const target of gained) if (!paired.has(target.hostId)) take(target, left.length === 0 ? -1 : 0);
  return paired;
}
