import { secondMs } from '../base/time.ts';
import { RumorBudget } from './rumor-budget.ts';

/**
 * What rumors are about, the most urgent first. `bulk` has no schedule: it travels in spare bytes only, and what is not
 * carried so is left to the push-pull of bulk keys.
 */
export const rumorClasses = ['liveness', 'ring', 'schema', 'application', 'bulk'] as const;
export type RumorClass = (typeof rumorClasses)[number];

/**
 * When a rumor leaves (design section 4): to `fanout` peers when the batch that it is in closes, to as many again after
 * `waveMs`, until it was sent as often as it is to be. After `heldMs` whatever the budget still held back is dropped: by
 * then anti-entropy is faster.
 */
export const rumorSchedule = { batchMs: 15, fanout: 4, waveMs: 100, heldMs: 5 * secondMs } as const;

/** Rumors of one class that wait at most; beyond it the oldest goes. */
const maxWaiting = 1_024;
const bulkSends = 3;
const never = Number.POSITIVE_INFINITY;
/** No rumor is shorter: less room is none. */
const leastBytes = 32;

/**
 * How often a node passes a rumor on in all: 6 + ⌈log10 N⌉. Few know nobody else to tell: each peer twice is enough then.
 * `endpoints` counts the node itself.
 */
export function sendsOf(endpoints: number, rumorClass: RumorClass): number {
  if (rumorClass === 'bulk') return bulkSends;
  return Math.min(6 + Math.ceil(Math.log10(Math.max(1, endpoints))), 2 * Math.max(0, endpoints - 1));
}

/** A rumor that is to leave now, to `copies` different peers. */
export interface DueRumor<Payload> {
  readonly rumorClass: RumorClass;
  readonly key: string;
  readonly payload: Payload;
  readonly copies: number;
}

/** How one class stands, for people. */
export interface RumorClassStanding {
  readonly rumorClass: RumorClass;
  readonly waiting: number;
  /** Since the start, each copy counted. */
  readonly sentBytes: number;
  /** Rumors that were not sent as often as they should, since the start: for the budget, or for the length of the queue. */
  readonly dropped: number;
}

interface Rumor<Payload> {
  readonly payload: Payload;
  readonly bytes: number;
  sendsLeft: number;
  dueMs: number;
  readonly expiresMs: number;
}

interface ClassQueue<Payload> {
  /** By key, oldest news first. */
  readonly rumors: Map<string, Rumor<Payload>>;
  readonly budget: RumorBudget;
  /** No rumor is due before; Infinity if none ever is. */
  nextMs: number;
  sentBytes: number;
  dropped: number;
}

/**
 * What this node has just learned and passes on. A rumor is known by class and key; newer news takes its place and is
 * sent as often as if it were the first. The newest of a class leaves first, so that a flood delays old news and not new.
 * It knows neither peers nor messages: whoever drives it sends what is due.
 */
export class RumorQueue<Payload> {
  readonly #classes: ReadonlyMap<RumorClass, ClassQueue<Payload>>;
  /** False: certainly nothing waits. Each probe asks. */
  #mayWait = false;

  constructor(nowMs: number) {
    this.#classes = new Map(
      rumorClasses.map((each) => [
        each,
        { rumors: new Map(), budget: new RumorBudget(nowMs), nextMs: never, sentBytes: 0, dropped: 0 },
      ]),
    );
  }

  /** News. `bytes`: what it takes in a message; `sends`: to how many peers it goes in all, `sendsOf`. */
  offer(nowMs: number, rumorClass: RumorClass, key: string, payload: Payload, bytes: number, sends: number): void {
    const queue = this.#queue(rumorClass);
    const { rumors } = queue;
    rumors.delete(key);
    if (sends <= 0) return;
    const dueMs = rumorClass === 'bulk' ? never : nowMs + rumorSchedule.batchMs;
    const lastsMs = rumorClass === 'bulk' ? 60 * secondMs : rumorSchedule.heldMs;
    queue.nextMs = Math.min(queue.nextMs, dueMs);
    this.#mayWait = true;
    rumors.set(key, { payload, bytes, sendsLeft: sends, dueMs, expiresMs: nowMs + lastsMs });
    if (rumors.size <= maxWaiting) return;
    rumors.delete(rumors.keys().next().value!);
    queue.dropped++;
  }

  /** What waits under this key, or null. */
  waiting(rumorClass: RumorClass, key: string): Payload | null {
    return this.#queue(rumorClass).rumors.get(key)?.payload ?? null;
  }

  /** Takes back what waits under this key, if anything does. */
  withdraw(rumorClass: RumorClass, key: string): void {
    this.#queue(rumorClass).rumors.delete(key);
  }

  /** When to look for what is due next, or null. */
  get nextMs(): number | null {
    let nextMs = never;
    for (const queue of this.#classes.values()) nextMs = Math.min(nextMs, queue.nextMs);
    return nextMs === never ? null : nextMs;
  }

  /** Takes what is due: the most urgent class first, the newest of it first, as far as its budget goes. */
  takeDue(nowMs: number): DueRumor<Payload>[] {
    const due: DueRumor<Payload>[] = [];
    for (const [rumorClass, queue] of this.#classes) {
      if (queue.nextMs > nowMs) continue;
      this.#dropExpired(nowMs, queue);
      let readyMs = queue.budget.readyMs(nowMs);
      let nextMs = never;
      for (const [key, rumor] of readyMs > nowMs ? queue.rumors : [...queue.rumors].reverse()) {
        if (rumor.dueMs <= nowMs && readyMs <= nowMs) {
          const copies = Math.min(rumorSchedule.fanout, rumor.sendsLeft);
          due.push({ rumorClass, key, payload: rumor.payload, copies });
          rumor.dueMs = nowMs + rumorSchedule.waveMs;
          this.#send(queue, key, rumor, copies);
          readyMs = queue.budget.readyMs(nowMs);
        }
        if (rumor.sendsLeft > 0) nextMs = Math.min(nextMs, Math.max(rumor.dueMs, readyMs));
        // In debt nothing more leaves, and the next look is when it is paid off.
        if (readyMs > nowMs && nextMs <= readyMs) break;
      }
      // What a debt holds back until it expires is dropped then.
      const oldest = queue.rumors.values().next().value;
      queue.nextMs = nextMs === never ? never : Math.min(nextMs, oldest?.expiresMs ?? never);
    }
    return due;
  }

  /**
   * Takes what fits into the spare bytes of a message to one peer; of bulk keys no more than they are granted, or one that
   * is longer alone: what never fits would hold back all that is told along with it.
   */
  takeRiders(nowMs: number, roomBytes: number, bulkBytes: number): DueRumor<Payload>[] {
    const riders: DueRumor<Payload>[] = [];
    if (!this.#mayWait) return riders;
    this.#mayWait = false;
    let roomLeft = roomBytes;
    for (const [rumorClass, queue] of this.#classes) {
      if (queue.rumors.size === 0) continue;
      this.#mayWait = true;
      let alone = bulkBytes > 0 ? roomLeft : 0;
      if (rumorClass === 'bulk') roomLeft = Math.min(roomLeft, bulkBytes);
      this.#dropExpired(nowMs, queue);
      if (roomLeft < leastBytes || queue.budget.readyMs(nowMs) > nowMs) continue;
      for (const [key, rumor] of [...queue.rumors].reverse()) {
        if (roomLeft < leastBytes) break;
        if (rumor.bytes > Math.max(roomLeft, alone) || queue.budget.readyMs(nowMs) > nowMs) continue;
        roomLeft -= rumor.bytes;
        alone = 0;
        this.#send(queue, key, rumor, 1);
        riders.push({ rumorClass, key, payload: rumor.payload, copies: 1 });
      }
    }
    return riders;
  }

  standing(): RumorClassStanding[] {
    return [...this.#classes].map(([rumorClass, { rumors, sentBytes, dropped }]) => ({
      rumorClass,
      waiting: rumors.size,
      sentBytes,
      dropped,
    }));
  }

  #send(queue: ClassQueue<Payload>, key: string, rumor: Rumor<Payload>, copies: number): void {
    const bytes = rumor.bytes * copies;
    queue.budget.spend(bytes);
    queue.sentBytes += bytes;
    rumor.sendsLeft -= copies;
    if (rumor.sendsLeft <= 0) queue.rumors.delete(key);
  }

  /** All of a class last equally long: the oldest go first. */
  #dropExpired(nowMs: number, queue: ClassQueue<Payload>): void {
    for (const [key, { expiresMs }] of queue.rumors) {
      if (expiresMs > nowMs) return;
      queue.rumors.delete(key);
      queue.dropped++;
    }
  }

  #queue(rumorClass: RumorClass): ClassQueue<Payload> {
    return this.#classes.get(rumorClass)!;
  }
}
