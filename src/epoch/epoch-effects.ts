import type { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { AcceptorState, RememberedVoter } from './acceptor-state.ts';
import type { EpochMessage, HistoryPosition } from './epoch-message.ts';
import type { RingRecord } from './ring-record.ts';
import type { RingSnapshot } from './ring-snapshot.ts';
import type { RingState } from './ring-state.ts';

/** What the register keeps on disk: the store holds the newest of each kind and key. */
export type EpochRecord =
  | { readonly kind: 'acceptor'; readonly acceptor: AcceptorState }
  | { readonly kind: 'remembered'; readonly voter: RememberedVoter }
  | { readonly kind: 'ringRecord'; readonly record: RingRecord }
  /** Replaces every record up to and including the snapshot's epoch. */
  | { readonly kind: 'ringSnapshot'; readonly snapshot: RingSnapshot }
  /** Does away with every record and snapshot before it, whatever their epochs: another history follows in the same batch. */
  | { readonly kind: 'ringForgotten' };

/** What the store holds of the register, at start. */
export interface StoredHistory {
  readonly acceptor: AcceptorState | null;
  readonly remembered: readonly RememberedVoter[];
  readonly snapshot: RingSnapshot | null;
  /** Ascending by epoch, without gaps, first of snapshot epoch + 1 (or 1). */
  readonly records: readonly RingRecord[];
  /** The fold of the snapshot, where it is at hand and nothing can have been forgotten: a simulated start in mid-life. */
  readonly fold?: RingState;
}

/** Two histories that differ at one epoch. They are shown, and never merged. */
export interface Fork {
  /** Positions at one epoch, with different chain hashes; the first record that differs may be earlier. */
  readonly mine: HistoryPosition;
  readonly theirs: HistoryPosition;
  /** Who holds the other history, and showed it last. */
  readonly witness: HostId;
}

/** Exactly one for each proposal that was not withdrawn, and never from within `propose`. */
export type ProposalOutcome =
  | { readonly kind: 'decided'; readonly record: RingRecord }
  /** Another record was decided for this epoch; it tells which operation to wait for. */
  | { readonly kind: 'superseded'; readonly record: RingRecord }
  /** Nobody was asked, or nobody will be any more; why stands in the error. */
  | { readonly kind: 'refused'; readonly error: RingError };

export type EpochEvent =
  /** One record longer. `state` is the fold with it, already in force. */
  | { readonly kind: 'decided'; readonly record: RingRecord; readonly state: RingState }
  | { readonly kind: 'proposal'; readonly id: number; readonly outcome: ProposalOutcome }
  /** The other history of a fork is in force instead of this one. `record`: its last one, unless only the fold is kept. */
  | { readonly kind: 'adopted'; readonly record: RingRecord | null; readonly state: RingState }
  /** The fold of a longer history is in force; its records may follow. */
  | { readonly kind: 'startedOver'; readonly state: RingState }
  /** The other history did not arrive in time; nothing has changed. */
  | { readonly kind: 'adoptionFailed'; readonly witness: HostId }
  /** At the first sight of another history; again only when that was over. */
  | { readonly kind: 'fork'; readonly fork: Fork }
  /** Nobody shows another history any more. */
  | { readonly kind: 'forkOver' }
  /**
   * This voter's store is older than what it told others: its commit number is `commitNumber`, and `witness` remembers
   * `known`. It votes and proposes no more.
   */
  | {
      readonly kind: 'restored';
      readonly known: number;
      readonly commitNumber: number;
      readonly witness: HostId;
    }
  /** The record of `epoch` waits for these voters. Repeated while it lasts. */
  | { readonly kind: 'noMajority'; readonly epoch: number; readonly missing: readonly HostId[] }
  /** Something from outside was not used; for counters and the log. */
  | { readonly kind: 'dropped'; readonly from: HostId; readonly reason: string };

/**
 * What the register asks of whoever drives it.
 * Commits become durable, and come back, in the order in which they were given.
 */
export interface EpochEffects {
  /** Best effort: may be lost, repeated, late. Never to oneself. */
  send(to: HostId, message: EpochMessage): void;
  /** Comes back as `timer`. Nothing is cancelled; a stale mark is ignored. */
  schedule(purpose: string, mark: number, delayMs: number): void;
  /** Durable and atomic; comes back as `committed`. */
  commit(batch: readonly EpochRecord[]): void;
  /** Within a second; may be lost in a crash. */
  save(record: EpochRecord): void;
  emit(event: EpochEvent): void;
}
