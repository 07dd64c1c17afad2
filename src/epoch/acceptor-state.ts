import type { Ballot } from './ballot.ts';
import type { RingRecord } from './ring-record.ts';

/** What a voter has promised and accepted for one epoch. Committed before it is answered; survives restarts. */
export interface AcceptorState {
  /** The epoch being decided: that of the voter's last record, plus one. */
  readonly epoch: number;
  readonly promised: Ballot | null;
  readonly accepted: { readonly ballot: Ballot; readonly record: RingRecord } | null;
  /**
   * Counts this voter's commits over its whole life, never reset. Others remember the highest they were told, so a
   * voter restored from an old copy of its store is caught before it votes twice.
   */
  readonly commitNumber: number;
}

/** The highest commit number that a voter was heard to state. */
export interface RememberedVoter {
  readonly hostId: string;
  readonly commitNumber: number;
}
