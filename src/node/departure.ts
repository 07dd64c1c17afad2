import type { HostId } from '../base/id.ts';
import { minuteMs, secondMs } from '../base/time.ts';
import { beginOf, type RingRecord } from '../epoch/ring-record.ts';
import { majority, type RingState, votersOf } from '../epoch/ring-state.ts';
import type { Source } from './core-io.ts';
import type { Message } from './message.ts';
import type { NodeContext } from './node-context.ts';
import type { RingLoop } from './ring-loop.ts';

const repeatMs = 500;
/** So many more are told in one go than have to answer yet. */
const spare = 8;
/** Who cannot be told within this learns it from those who were, if anybody was; */
const patienceMs = 30 * secondMs;
/** and where nobody was, all others may be dead for good. */
const lonePatienceMs = 10 * minuteMs;

/**
 * The last moments of a node that was decommissioned: it may have been needed to decide its own `end`, so it goes only once
 * a majority of those who stay has that record. So many are told as must answer, others where some do not; who knows the
 * record answers a removed host with it, which is the proof: earlier records, late on their way, prove nothing. It does not
 * hang where most are dead, but as long as nobody has it, it may be the only one who can tell, and stays much longer. Of all
 * else it is silent.
 */
export class Departure {
  readonly #context: NodeContext;
  readonly #ring: RingLoop;
  /** How many stay. */
  readonly #staying: number;
  /** Of those who stay, who has not said that it knows; whom it told last, last. */
  #untold: HostId[];
  /** What removed this node. */
  readonly #end: RingRecord;
  readonly #sinceMs: number;
  #toldLone = false;
  #over = false;

  private constructor(context: NodeContext, ring: RingLoop, end: RingRecord, state: RingState) {
    this.#context = context;
    this.#ring = ring;
    this.#untold = votersOf(state);
    this.#staying = this.#untold.length;
    this.#end = end;
    this.#sinceMs = context.now.monotonicMs;
  }

  /** The departure from `state`, the ring without this node; null if it was no decommission that removed it. */
  static after(state: RingState, context: NodeContext, ring: RingLoop): Departure | null {
    const { records } = context.protocols.register.log;
    const end = records.find(({ epoch }) => epoch === state.removed.get(context.self.hostId));
    if (end === undefined || beginOf(records, end.operationId)?.operation !== 'decommission') return null;
    return new Departure(context, ring, end, state);
  }

  /** Tells those who have not said yet that they know; to be called once, and then by its own timer. */
  timer(): void {
    if (this.#over) return;
    const forMs = this.#context.now.monotonicMs - this.#sinceMs;
    if (forMs >= (this.#known > 0 ? patienceMs : lonePatienceMs)) return this.#leave();
    if (forMs >= patienceMs) this.#tellLone();
    const { hostId: self } = this.#context.self;
    const turn = this.#untold.splice(0, this.#missing + spare);
    for (const hostId of turn) {
      const address = this.#context.addressOf(hostId);
      if (address !== null) this.#ring.tellRemoval(self, { hostId, address });
    }
    this.#untold.push(...turn);
    this.#context.effects.schedule({ kind: 'departure' }, repeatMs);
  }

  heard(from: Source, message: Message): void {
    if (this.#over) return;
    if (message.kind === 'bundle') {
      for (const each of message.messages) this.heard(from, each);
      return;
    }
    if (message.kind === 'recordsRequest') return this.#ring.receive(from, message);
    if (message.kind !== 'records' || !message.records.some((record) => this.#isEnd(record))) return;
    this.#untold = this.#untold.filter((hostId) => hostId !== from.hostId);
    if (this.#missing <= 0) this.#leave();
  }

  /** How many must yet say that they know. */
  get #missing(): number {
    return majority(this.#staying) - this.#known;
  }

  /** How many have said that they know. */
  get #known(): number {
    return this.#staying - this.#untold.length;
  }

  #isEnd({ epoch, operationId }: RingRecord): boolean {
    return epoch === this.#end.epoch && operationId === this.#end.operationId;
  }

  #tellLone(): void {
    if (this.#toldLone) return;
    this.#toldLone = true;
    const names = this.#untold.join(', ');
    const message = `nobody who stays has said that it knows of the end of this node's decommission: start ${names}, this node waits to tell them`;
    this.#context.log('warn', 'untold', message, {});
  }

  #leave(): void {
    this.#over = true;
    this.#context.effects.emit({ kind: 'left', epoch: this.#end.epoch });
  }
}
