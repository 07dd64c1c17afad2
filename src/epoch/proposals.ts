import type { RingError } from '../base/error.ts';
import { chainHash } from './chain-hash.ts';
import type { EpochContext } from './epoch-context.ts';
import type { ProposalOutcome } from './epoch-effects.ts';
import type { RingRecord } from './ring-record.ts';

/** This node's own proposals for the next epoch, oldest first. The next decided record answers them all. */
export class Proposals {
  readonly #context: EpochContext;
  readonly #refusals = new Map<number, RingError>();
  #open: { readonly id: number; readonly record: RingRecord }[] = [];
  #lastId = 0;

  constructor(context: EpochContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#open.length;
  }

  /** The record to propose where no voter has accepted another. */
  get candidate(): RingRecord | null {
    return this.#open[0]?.record ?? null;
  }

  /** Returns the proposal's id. */
  add(record: RingRecord): number {
    this.#open.push({ id: ++this.#lastId, record });
    return this.#lastId;
  }

  /** Answers in a step of its own, by the timer `refusal`: the proposer must know the id first. Returns the id. */
  refuse(error: RingError): number {
    this.#refusals.set(++this.#lastId, error);
    this.#context.effects.schedule('refusal', this.#lastId, 0);
    return this.#lastId;
  }

  refusalDue(id: number): void {
    const error = this.#refusals.get(id);
    this.#refusals.delete(id);
    if (error) this.#context.effects.emit({ kind: 'proposal', id, outcome: { kind: 'refused', error } });
  }

  withdraw(id: number): void {
    this.#open = this.#open.filter((each) => each.id !== id);
    this.#refusals.delete(id);
  }

  /** Closes all; calling what is returned answers them: by then, who is answered may propose again. */
  decided(record: RingRecord): () => void {
    const hash = chainHash(record);
    return this.#close((own) => ({ kind: chainHash(own) === hash ? 'decided' : 'superseded', record }));
  }

  /** As `decided`. */
  refuseAll(error: RingError): () => void {
    return this.#close(() => ({ kind: 'refused', error }));
  }

  #close(outcomeOf: (record: RingRecord) => ProposalOutcome): () => void {
    const closed = this.#open;
    this.#open = [];
    return () => {
      for (const { id, record } of closed) {
        this.#context.effects.emit({ kind: 'proposal', id, outcome: outcomeOf(record) });
      }
    };
  }
}
