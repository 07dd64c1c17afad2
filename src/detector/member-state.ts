import { type Liveness, type LivenessClaim, livenessStates } from './liveness-claim.ts';

/** The part of a claim that orders it. */
export type MemberState = Pick<LivenessClaim, 'generation' | 'incarnation' | 'liveness' | 'left'>;

/**
 * The one order of claims about a host (SWIM section 4.2): generation, then a clean stop above all else of its
 * generation, then incarnation, then alive < suspect < dead. Unlike SWIM `dead` is no last word: the host itself
 * refutes it with incarnation + 1, or by a new generation.
 *
 * @returns below 0 if `left` is overridden by `right`, above 0 if it overrides it, 0 if they say the same.
 */
export function compareMemberStates(left: MemberState, right: MemberState): number {
  return (
    left.generation - right.generation ||
    Number(left.left) - Number(right.left) ||
    left.incarnation - right.incarnation ||
    weightOf(left.liveness) - weightOf(right.liveness)
  );
}

/** Whether a claim replaces what is held; whatever is said of a host never heard of (null) does. */
export function overrides(claim: MemberState, held: MemberState | null): boolean {
  return held === null || compareMemberStates(claim, held) > 0;
}

/** Whether it is about a later life of the host than the one that is held, or about one that refuted what is held. */
export function isNewerLife(claim: Life, held: Life): boolean {
  return (
    claim.generation > held.generation || (claim.generation === held.generation && claim.incarnation > held.incarnation)
  );
}

/** Which life of a host: accusations of an earlier one do not count against a later one. */
export type Life = Pick<LivenessClaim, 'generation' | 'incarnation'>;

const weightOf = (liveness: Liveness): number => livenessStates.indexOf(liveness);
