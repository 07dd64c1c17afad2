import type { HostId } from '../base/id.ts';

/** A proposal number of single-decree Paxos: ordered by round, then host id, so no two proposers share one. */
export interface Ballot {
  /** A positive safe integer. */
  readonly round: number;
  readonly hostId: HostId;
}

/** Negative, zero or positive, as `left` is below, equal to or above `right`. */
export function compareBallots(left: Ballot, right: Ballot): number {
  if (left.round !== right.round) return left.round - right.round;
  return left.hostId < right.hostId ? -1 : left.hostId > right.hostId ? 1 : 0;
}
