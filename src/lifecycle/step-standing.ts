import type { HostId } from '../base/id.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';
import { type BarrierNeeds, barrierPossible, barrierReached, needsOfLiving } from '../ring/barrier-needs.ts';
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
  /** Newcomers, owners of nothing yet, that have been dead for so long that `switch` waits for them no longer. */
  readonly givenUp: readonly HostId[];
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
    const demanded = needsOfRest(needs.barrier, facts);
    const barrier = open.strict ? demanded : needsOfLiving(demanded, isAlive);
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
      if (needs.gainers.has(hostId))
        waitingFor.push(`${hostId} is dead and has ranges to gain: ${wayOut(hostId, facts)}`);
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

/**
 * The needs of a step. At `switch` a newcomer that was given up holds nothing up, and neither do the groups that it is in:
 * groups of the replicas after, for before the operation it is none. What `end` must find excluded are the routes of `begin`.
 * Each of them reads a quorum of the replicas before, and writes so that a quorum of them acknowledges; they are counted as
 * ever, so one of each such quorum refuses. The routes of `switch` and of `end` are left: both read a quorum of the replicas
 * after, and both write one, whatever anybody has acknowledged. All older routes the barrier of `begin` has excluded, where
 * every group counts: also those of a `switch` from which a forced removal put the operation back.
 */
function needsOfRest(needs: BarrierNeeds, { open, givenUp }: StepFacts): BarrierNeeds {
  if (open.step === 'begin' || givenUp.length === 0) return needs;
  return { ...needs, groups: needs.groups.filter(({ replicas }) => !replicas.some((each) => givenUp.includes(each))) };
}

const seesThisRing = (hostId: HostId, { ringFingerprint, answerOf }: StepFacts): boolean =>
  answerOf(hostId)?.ringFingerprint === ringFingerprint;

function acknowledges(hostId: HostId, facts: StepFacts): string {
  const { open, isAlive, answerOf, ringFingerprint } = facts;
  const answer = answerOf(hostId);
  if (isAlive(hostId) && answer !== null && answer.epoch >= open.stepEpoch && !seesThisRing(hostId, facts)) {
    return `${hostId} sees another ring (fingerprint ${answer.ringFingerprint}, expected ${ringFingerprint}): compare the datacenters and racks in \`ringctl status\` there and here, and restart the member that is shown in two places`;
  }
  const waits = `${hostId} is to acknowledge ${open.step} of epoch ${open.stepEpoch}`;
  return isAlive(hostId) ? waits : `${waits}, and is dead: ${wayOut(hostId, facts)}`;
}

/** What an operator can do about a dead one that is waited for. */
function wayOut(hostId: HostId, { open, abortable }: StepFacts): string {
  if (abortable) return 'start it, or abort';
  return hostId === open.replaces ? 'start it' : `start it, or remove it by force: ringctl assassinate ${hostId}`;
}
