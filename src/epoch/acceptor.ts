import type { HostId } from '../base/id.ts';
import type { AcceptorState } from './acceptor-state.ts';
import { type Ballot, compareBallots } from './ballot.ts';
import { chainHash } from './chain-hash.ts';
import type { Accept, Accepted, Prepare, PromiseAnswer } from './epoch-message.ts';

export interface AcceptorPort {
  /** Durable; comes back as `committed`. */
  commit(state: AcceptorState): void;
  /** Says it, now that it is on disk. */
  answer(to: HostId, message: PromiseAnswer | Accepted): void;
}

/** The ballot that stands in the way of a vote. */
export interface Rejection {
  readonly promised: Ballot | null;
}

/**
 * The acceptor of single-decree Paxos (Lamport, Paxos Made Simple, section 2.2), one epoch after the other. State moves in
 * memory at once, and an answer waits until a commit at least as new is on disk: what a crash loses was never said.
 *
 * Invariants: promised ≥ accepted.ballot; commitNumber grows with every commit and is never reset.
 */
export class Acceptor {
  #state: AcceptorState = { epoch: 1, promised: null, accepted: null, commitNumber: 0 };
  #durable = 0;
  #waiting: { readonly commitNumber: number; readonly to: HostId; readonly message: PromiseAnswer | Accepted }[] = [];

  get state(): AcceptorState {
    return this.#state;
  }

  /** The highest commit number that is on disk: the one to tell others. */
  get durableCommitNumber(): number {
    return this.#durable;
  }

  load(stored: AcceptorState): void {
    this.#state = stored;
    this.#durable = stored.commitNumber;
  }

  /** The epoch before was decided. Needs no commit: an older state on disk is known by its epoch. */
  advanceTo(epoch: number): void {
    if (this.#state.epoch >= epoch) return;
    this.#state = { epoch, promised: null, accepted: null, commitNumber: this.#state.commitNumber };
  }

  /**
   * Another history is in force: what was promised and accepted on the one before concerns it no more. Returns the state to
   * make durable together with that history.
   */
  restart(epoch: number): AcceptorState {
    this.#state = { epoch, promised: null, accepted: null, commitNumber: this.#state.commitNumber + 1 };
    this.#waiting = [];
    return this.#state;
  }

  /** Promises to accept nothing below the ballot, unless a higher one has been promised. */
  prepare(from: HostId, { epoch, ballot }: Pick<Prepare, 'epoch' | 'ballot'>, port: AcceptorPort): Rejection | null {
    const { promised } = this.#state;
    if (epoch !== this.#state.epoch) return { promised: null };
    if (promised !== null && compareBallots(ballot, promised) < 0) return { promised };
    if (promised === null || compareBallots(ballot, promised) > 0) this.#move({ promised: ballot }, port);
    const { accepted, commitNumber } = this.#state;
    this.#answer(from, { kind: 'promise', epoch, ballot, accepted, commitNumber }, port);
    return null;
  }

  /** Accepts the record at the ballot, unless a higher one has been promised. */
  accept(from: HostId, { epoch, ballot, record }: Accept, port: AcceptorPort): Rejection | null {
    const { promised, accepted } = this.#state;
    if (epoch !== this.#state.epoch) return { promised: null };
    if (promised !== null && compareBallots(ballot, promised) < 0) return { promised };
    if (accepted === null || compareBallots(ballot, accepted.ballot) > 0) {
      this.#move({ promised: ballot, accepted: { ballot, record } }, port);
    } else if (chainHash(accepted.record) !== chainHash(record)) {
      // Two records under one ballot: a proposer that lost its memory. The first stays.
      return { promised };
    }
    this.#answer(from, { kind: 'accepted', epoch, ballot, commitNumber: this.#state.commitNumber }, port);
    return null;
  }

  /** A state is on disk: all that waited for it, or for an earlier one, is said. */
  committed(state: AcceptorState, port: AcceptorPort): void {
    this.#durable = Math.max(this.#durable, state.commitNumber);
    const ready = this.#waiting.filter((each) => each.commitNumber <= this.#durable);
    this.#waiting = this.#waiting.filter((each) => each.commitNumber > this.#durable);
    for (const { to, message } of ready) port.answer(to, message);
  }

  #move(change: Partial<Pick<AcceptorState, 'promised' | 'accepted'>>, port: AcceptorPort): void {
    this.#state = { ...this.#state, ...change, commitNumber: this.#state.commitNumber + 1 };
    port.commit(this.#state);
  }

  #answer(to: HostId, message: PromiseAnswer | Accepted, port: AcceptorPort): void {
    const { commitNumber } = this.#state;
    if (commitNumber <= this.#durable) port.answer(to, message);
    else if (!this.#waiting.some((each) => each.to === to && same(each.message, message))) {
      this.#waiting.push({ commitNumber, to, message });
    }
  }
}

/** A repeated request must not queue a second answer while the disk is slow. */
function same(left: PromiseAnswer | Accepted, right: PromiseAnswer | Accepted): boolean {
  return (
    left.kind === right.kind && left.commitNumber === right.commitNumber && left.ballot.round === right.ballot.round
  );
}
