import type { RememberedVoter } from './acceptor-state.ts';
import type { Ballot } from './ballot.ts';
import type { RingRecord } from './ring-record.ts';
import type { RingSnapshot } from './ring-snapshot.ts';

/**
 * The register's messages. Every one may be lost, repeated or late: requests are repeated by the proposer's timer, and
 * answers name the epoch and ballot that they answer.
 */

/** Proposer → voter, phase 1. Answered by `promise` or `reject`. */
export interface Prepare {
  readonly kind: 'prepare';
  readonly epoch: number;
  readonly ballot: Ballot;
  /** Chain hash of epoch − 1 as the proposer holds it: a voter votes only on the same history. */
  readonly previous: string;
  /** The highest commit number of the receiver that the sender remembers; 0 when none. */
  readonly known: number;
}

/** Voter → proposer: nothing below `ballot` will be accepted any more. Sent only once the promise is on disk. */
export interface PromiseAnswer {
  readonly kind: 'promise';
  readonly epoch: number;
  readonly ballot: Ballot;
  readonly accepted: { readonly ballot: Ballot; readonly record: RingRecord } | null;
  readonly commitNumber: number;
}

/** Proposer → voter, phase 2. Answered by `accepted` or `reject`. */
export interface Accept {
  readonly kind: 'accept';
  readonly epoch: number;
  readonly ballot: Ballot;
  readonly record: RingRecord;
  readonly known: number;
}

/** Voter → proposer: the record is accepted, and on disk. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly epoch: number;
  readonly ballot: Ballot;
  readonly commitNumber: number;
}

export const rejectReasons = ['ballot', 'behind', 'restored', 'fork', 'notVoter', 'recalling'] as const;

/** Voter → proposer: no vote, and why. `ballot` names the higher promise, `behind` says the voter lacks records. */
export interface Reject {
  readonly kind: 'reject';
  readonly epoch: number;
  readonly ballot: Ballot;
  readonly reason: (typeof rejectReasons)[number];
  readonly promised: Ballot | null;
  /** Where the voter stands, so that either side can send the other what it lacks. */
  readonly at: HistoryPosition;
}

/** A place in the history: after the record of `epoch`, whose chain hash is `chainHash`. Epoch 0: no record yet. */
export interface HistoryPosition {
  readonly epoch: number;
  readonly chainHash: string;
  readonly lineage: string;
}

/** Any → any: decided records in order, first of epoch `after.epoch + 1`. Unsolicited after a decision, or an answer. */
export interface Records {
  readonly kind: 'records';
  readonly after: HistoryPosition;
  /** Replaces everything before `after` for a receiver that is further behind than the sender's log reaches. */
  readonly snapshot: RingSnapshot | null;
  readonly records: readonly RingRecord[];
  /** The highest commit numbers that the sender knows of some voters, for the receiver to remember (`Voter.votesFor`). */
  readonly votes: readonly RememberedVoter[];
}

/** Any → any: send me what follows this position. Answered by `records`; nothing if the sender has no more. */
export interface RecordsRequest {
  readonly kind: 'recordsRequest';
  readonly at: HistoryPosition;
}

/** A voter that has just started → every other voter: which commit number of mine do you remember? */
export interface Recall {
  readonly kind: 'recall';
  readonly commitNumber: number;
}

export interface Recalled {
  readonly kind: 'recalled';
  readonly known: number;
}

export type EpochMessage =
  | Prepare
  | PromiseAnswer
  | Accept
  | Accepted
  | Reject
  | Records
  | RecordsRequest
  | Recall
  | Recalled;
