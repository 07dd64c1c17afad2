import type { HostId } from '../base/id.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';
import { barrierPossible, barrierReached, needsOfLiving } from '../ring/barrier-needs.ts';
import type { OperationAnswer, OperationAsk } from './lifecycle-message.ts';
import type { OperationNeeds } from './operation-needs.ts';

/** What one step of the open operation is judged by. */
export interface StepFacts {
  readonly open: OpenOperation;
  readonly needs: OperationNeeds;
  /** Whom the fold names. */
  readonly members: readonly HostId[];
  /** Of the ring by which all of this is judged. */
  readonly ringFingerprint: string;
  readonly keyspacesVersion: string;
  /** Live members that have not acknowledged are waited for no longer, if the barrier is reached without them. */
  readonly patienceOver: boolean;
  /** Whether the operation may still be given up: false once it was at `switch`. */
  readonly abortable: boolean;
  isAlive(hostId: HostId): boolean;
  answerOf(hostId: HostId): OperationAnswer | null;
}

export interface StepStanding {
  /** Nothing is waited for: the next step may be proposed. */
  readonly ready: boolean;
  /** Who is to be asked what. */
  readonly asks: ReadonlyMap<HostId, OperationAsk>;
  /** Live members that have not acknowledged the step. */
  readonly silent: readonly HostId[];
  /** Replicas, alive or not, that have not: whoever moves data is not to read them. */
  readonly unacknowledged: readonly HostId[];
  /** What the next step waits for, as sentences for people: empty when ready. */
  readonly waitingFor: readonly string[];
}

/**
 * Whether the ring may go on from a step of its open operation. Of each: enough replicas have acknowledged the step on disk
 * that no quorum works by the step before, and no live member is left behind in haste; all who have acknowledged it see the
 * same ring, for where members stand (datacenter, rack) is no matter of the records, and by another place data would move
 * otherwise; then, from `begin` to `switch`, all who gain or lose ranges have moved them, a dead loser excepted; and the live
 * agree on the keyspaces (other definitions move nothing). What was said by another ring does not count. Pure.
 */
export function stepStanding(facts: StepFacts): StepStanding {
  const { open, needs, members, isAlive, answerOf } = facts;
  const said = members.filter((hostId) => (answerOf(hostId)?.epoch ?? 0) >= open.stepEpoch);
  const acknowledged = new Set(said.filter((hostId) => seesThisRing(hostId, facts)));
  const differing = said.filter((hostId) => isAlive(hostId) && !acknowledged.has(hostId));
  const silent = members.filter((hostId) => isAlive(hostId) && (answerOf(hostId)?.epoch ?? 0) < open.stepEpoch);
  const asks = new Map<HostId, OperationAsk>([...differing, ...silent].map((hostId) => [hostId, 'acknowledge']));
  const standing = (waitingFor: readonly string[]): StepStanding => ({
    ready: waitingFor.length === 0,
    asks,
    silent,
    unacknowledged: needs.barrier?.hosts.filter((hostId) => !acknowledged.has(hostId)) ?? [],
    waitingFor,
  });
  if (needs.barrier !== null) {
    const barrier = open.strict ? needs.barrier : needsOfLiving(needs.barrier, isAlive);
    if (!barrierReached(barrier, acknowledged)) {
      const { missing } = barrierPossible(barrier, acknowledged);
      return standing(missing.map((hostId) => acknowledges(hostId, facts)));
    }
    if (differing.length > 0) return standing(differing.map((hostId) => acknowledges(hostId, facts)));
    if (silent.length > 0 && !facts.patienceOver) return standing(silent.map((hostId) => acknowledges(hostId, facts)));
  }
  const waitingFor = open.step === 'begin' ? movementsLeft(facts, asks) : [];
  for (const hostId of members) {
    const version = answerOf(hostId)?.keyspacesVersion;
    if (!isAlive(hostId) || version === undefined || version === facts.keyspacesVersion) continue;
    if (!asks.has(hostId)) asks.set(hostId, 'acknowledge');
    waitingFor.push(
      `${hostId} is to agree on the keyspaces: it holds version ${version}, expected ${facts.keyspacesVersion}`,
    );
  }
  return standing(waitingFor);
}

/** Adds to `asks` who is to move, and says what each of them has yet to do. */
function movementsLeft(facts: StepFacts, asks: Map<HostId, OperationAsk>): string[] {
  const { needs, abortable, isAlive, answerOf } = facts;
  const waitingFor: string[] = [];
  for (const hostId of new Set([...needs.gainers, ...needs.losers])) {
    if (!isAlive(hostId)) {
      if (needs.gainers.has(hostId)) {
        const otherwise = abortable ? 'abort' : `remove it by force: ringctl assassinate ${hostId}`;
        waitingFor.push(`${hostId} is dead and has ranges to gain: start it, or ${otherwise}`);
      }
      continue;
    }
    const movements = seesThisRing(hostId, facts) ? answerOf(hostId)!.movements : null;
    if (movements !== null && movements.done === movements.total) continue;
    asks.set(hostId, 'move');
    if (movements === null) waitingFor.push(`${hostId} is to begin its movements`);
    else if (movements.failed !== null) {
      waitingFor.push(`a movement of ${hostId} failed: ${movements.failed}; resume it${abortable ? ', or abort' : ''}`);
    } else {
      const percent = Math.floor(movements.ratio * 100);
      waitingFor.push(`${hostId} has done ${movements.done} of ${movements.total} movements (${percent} %)`);
    }
  }
  return waitingFor;
}

const seesThisRing = (hostId: HostId, { ringFingerprint, answerOf }: StepFacts): boolean =>
  answerOf(hostId)?.ringFingerprint === ringFingerprint;

function acknowledges(hostId: HostId, facts: StepFacts): string {
  const { open, isAlive, answerOf, ringFingerprint } = facts;
  const answer = answerOf(hostId);
  if (isAlive(hostId) && answer !== null && answer.epoch >= open.stepEpoch && !seesThisRing(hostId, facts)) {
    return `${hostId} sees another ring (fingerprint ${answer.ringFingerprint}, expected ${ringFingerprint}): compare the datacenters and racks in \`ringctl status\` there and here, and restart the member that is shown in two places`;
  }
  return `${hostId} is to acknowledge ${open.step} of epoch ${open.stepEpoch}${isAlive(hostId) ? '' : ', and is dead'}`;
}
