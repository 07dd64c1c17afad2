import type { StreamEventName } from '../api/stream-event.ts';

/** How much is kept for those who resume. */
export interface EventLogLimits {
  /** Events after the last snapshot. */
  readonly maxEvents: number;
  /** Their encoded bytes. */
  readonly maxBytes: number;
}

/**
 * The last snapshot and every event after it, encoded as server-sent events with ids `<bootNonce>-<seq>`. What came before a
 * snapshot needs no keeping, for the snapshot stands for it. Without a snapshot the log is *empty*: nobody can resume, and
 * whoever comes next needs a fresh one.
 */
export class EventLog {
  readonly #nonce: string;
  readonly #limits: EventLogLimits;
  #frames: Buffer[] = [];
  /** Sequence number of the first frame kept. */
  #first = 0;
  #last = 0;
  #bytesAfterSnapshot = 0;

  /** `nonce` tells this start of the node from all others: sequence numbers begin again with each. */
  constructor(nonce: string, limits: EventLogLimits) {
    this.#nonce = nonce;
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** Adds an event and returns its frame. A snapshot takes the place of all before it. */
  append(event: StreamEventName, data: unknown): Buffer {
    const seq = ++this.#last;
    const frame = Buffer.from(`id: ${this.#nonce}-${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (event === 'snapshot') {
      this.#frames = [frame];
      this.#first = seq;
      this.#bytesAfterSnapshot = 0;
    } else if (!this.isEmpty) {
      this.#frames.push(frame);
      this.#bytesAfterSnapshot += frame.length;
      const { maxEvents, maxBytes } = this.#limits;
      if (this.#frames.length - 1 > maxEvents || this.#bytesAfterSnapshot > maxBytes) this.forget();
    }
    return frame;
  }

  /** Empties the log: what follows was not, or will not be, written down. */
  forget(): void {
    this.#frames = [];
    this.#bytesAfterSnapshot = 0;
    // An id given out before must not seem to be in the log that begins next.
    this.#last++;
  }

  /** All that whoever has seen `lastEventId` lacks; from the snapshot on if it is null, foreign or too old. */
  after(lastEventId: string | null): readonly Buffer[] {
    const seq = this.#seqOf(lastEventId);
    return seq === null || this.isEmpty || seq < this.#first ? this.#frames : this.#frames.slice(seq - this.#first + 1);
  }

  #seqOf(id: string | null): number | null {
    const [, nonce, digits] = /^([0-9a-f-]+)-(\d{1,15})$/.exec(id ?? '') ?? [];
    const seq = Number(digits);
    return nonce === this.#nonce && seq <= this.#last ? seq : null;
  }
}
