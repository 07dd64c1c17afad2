import type { HostId } from '../../src/base/id.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { AcceptorState } from '../../src/epoch/acceptor-state.ts';
import type { EpochMessage } from '../../src/epoch/epoch-message.ts';
import {
  type EpochEffects,
  type EpochEvent,
  type EpochRecord,
  EpochRegister,
  type RecordDraft,
  type StoredHistory,
} from '../../src/epoch/epoch-register.ts';
import type { EpochTimings } from '../../src/epoch/epoch-timings.ts';
import type { RingRecord } from '../../src/epoch/ring-record.ts';
import type { RingSnapshot } from '../../src/epoch/ring-snapshot.ts';
import { Referee } from './referee.ts';

/** What is durable of one node. */
export class Store {
  acceptor: AcceptorState | null = null;
  remembered = new Map<HostId, number>();
  snapshot: RingSnapshot | null = null;
  records: RingRecord[] = [];

  write(batch: readonly EpochRecord[]): void {
    for (const each of batch) {
      if (each.kind === 'acceptor') this.acceptor = each.acceptor;
      else if (each.kind === 'remembered') this.remembered.set(each.voter.hostId, each.voter.commitNumber);
      else if (each.kind === 'ringRecord')
        this.records = [...this.records.filter(({ epoch }) => epoch !== each.record.epoch), each.record];
      else if (each.kind === 'ringForgotten') {
        this.snapshot = null;
        this.records = [];
      } else {
        this.snapshot = each.snapshot;
        this.records = this.records.filter((record) => record.epoch > each.snapshot.epoch);
      }
    }
  }

  copy(): Store {
    const copy = new Store();
    copy.acceptor = this.acceptor;
    copy.remembered = new Map(this.remembered);
    copy.snapshot = this.snapshot;
    copy.records = [...this.records];
    return copy;
  }

  read(): StoredHistory {
    const remembered = [...this.remembered].map(([hostId, commitNumber]) => ({ hostId, commitNumber }));
    return { acceptor: this.acceptor, remembered, snapshot: this.snapshot, records: [...this.records] };
  }
}

interface Pending {
  readonly batch: readonly EpochRecord[];
  readonly saved: boolean;
}

export interface SimNode {
  readonly hostId: HostId;
  store: Store;
  /** Null while crashed. */
  register: EpochRegister | null;
  life: number;
  /** Writes on their way to the disk, in order. */
  pending: Pending[];
  events: EpochEvent[];
  side: number;
}

/** Virtual time, a seeded network and seeded disks under a set of registers. Everything follows from the seed. */
export class RegisterWorld {
  readonly random: SeededRandom;
  readonly referee = new Referee();
  readonly nodes = new Map<HostId, SimNode>();
  readonly #timings: Partial<EpochTimings>;
  readonly #heap: { readonly atMs: number; readonly order: number; readonly act: () => void }[] = [];
  #order = 0;
  nowMs = 0;
  lossRatio = 0;
  duplicateRatio = 0;
  maxDelayMs = 20;
  maxCommitMs = 10;
  steps = 0;
  /** Sees every message as it is sent; false loses it. */
  passes: (from: HostId, to: HostId, message: EpochMessage) => boolean = () => true;

  constructor(seed: number, timings: Partial<EpochTimings> = {}) {
    this.random = new SeededRandom(seed);
    this.#timings = timings;
  }

  /** A node with what its store holds; started. */
  add(hostId: HostId, records: readonly RingRecord[] = []): SimNode {
    const store = new Store();
    store.records = [...records];
    const node: SimNode = { hostId, store, register: null, life: 0, pending: [], events: [], side: 0 };
    this.nodes.set(hostId, node);
    for (const record of records) this.referee.decided(record);
    this.start(node);
    return node;
  }

  get live(): SimNode[] {
    return [...this.nodes.values()].filter((node) => node.register !== null);
  }

  start(node: SimNode): void {
    node.life++;
    node.register = new EpochRegister({
      hostId: node.hostId,
      random: new SeededRandom(this.random.uint32()),
      isDead: (hostId) => this.nodes.get(hostId)?.register == null,
      timings: this.#timings,
    });
    node.register.load(this.#now(), node.store.read(), this.#effects(node));
  }

  /** Of the writes under way a prefix reaches the disk; nobody is told. */
  crash(node: SimNode): void {
    node.life++;
    node.register = null;
    const survive = this.random.below(node.pending.length + 1);
    for (const { batch } of node.pending.slice(0, survive)) node.store.write(batch);
    node.pending = [];
  }

  propose(node: SimNode, draft: RecordDraft, way: 'voted' | 'forced' = 'voted'): number {
    return node.register!.propose(this.#now(), draft, this.#effects(node), way);
  }

  adoptLineage(node: SimNode, lineage: string): void {
    const error = node.register!.adoptLineage(this.#now(), lineage, this.#effects(node));
    if (error !== null) throw error;
  }

  /** Something arrives, whoever may have sent it. */
  deliver(to: SimNode, from: HostId, message: EpochMessage): void {
    to.register!.receive(this.#now(), from, message, this.#effects(to));
  }

  /** What the shadow round does for a node that has no history yet. */
  adopt(node: SimNode, from: SimNode): void {
    const { snapshot, records } = from.register!.log;
    const error = node.register!.adopt(this.#now(), snapshot, records, this.#effects(node));
    if (error !== null) throw error;
  }

  /** What gossip does: somebody asks somebody for what follows. */
  gossip(from: SimNode, to: SimNode): void {
    const at = from.register!.position;
    if (at.epoch > 0) this.#send(from, to.hostId, { kind: 'recordsRequest', at });
  }

  at(delayMs: number, act: () => void): void {
    const heap = this.#heap;
    const item = { atMs: this.nowMs + delayMs, order: this.#order++, act };
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (before(heap[parent]!, item)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = item;
  }

  /** Runs until the time, or until `done`. True if `done` said so. */
  run(untilMs: number, done: () => boolean = () => false): boolean {
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= untilMs) {
      const { atMs, act } = this.#pop();
      this.nowMs = atMs;
      this.steps++;
      act();
      if (done()) return true;
    }
    this.nowMs = untilMs;
    return done();
  }

  #effects(node: SimNode): EpochEffects {
    const { life } = node;
    const whileAlive =
      (act: (register: EpochRegister) => void): (() => void) =>
      () => {
        if (node.life === life && node.register !== null) act(node.register);
      };
    return {
      send: (to, message) => {
        if (to === node.hostId) throw new Error('sent to itself');
        this.#send(node, to, message);
      },
      schedule: (purpose, mark, delayMs) =>
        this.at(
          delayMs,
          whileAlive((register) => register.timer(this.#now(), purpose, mark, this.#effects(node))),
        ),
      commit: (batch) => {
        node.pending.push({ batch, saved: false });
        this.at(
          this.random.fraction() * this.maxCommitMs,
          whileAlive(() => this.#flush(node, batch)),
        );
      },
      save: (record) => {
        const batch = [record];
        node.pending.push({ batch, saved: true });
        this.at(
          this.random.fraction() * 1_000,
          whileAlive(() => this.#flush(node, batch)),
        );
      },
      emit: (event) => {
        node.events.push(event);
        if (event.kind === 'decided') this.referee.decided(event.record);
      },
    };
  }

  /** The disk is in order: what was given before this batch is durable too, and is told first. */
  #flush(node: SimNode, upTo: readonly EpochRecord[]): void {
    const index = node.pending.findIndex(({ batch }) => batch === upTo);
    if (index < 0) return;
    const ready = node.pending.splice(0, index + 1);
    for (const { batch } of ready) node.store.write(batch);
    for (const { batch, saved } of ready) {
      if (!saved) node.register?.committed(this.#now(), batch, this.#effects(node));
    }
  }

  #send(from: SimNode, to: HostId, message: EpochMessage): void {
    if (!this.passes(from.hostId, to, message)) return;
    const times = this.random.fraction() < this.duplicateRatio ? 2 : 1;
    for (let time = 0; time < times; time++) {
      if (this.random.fraction() < this.lossRatio) continue;
      // A few are very late: they meet a world that has moved on.
      const late = this.random.fraction() < 0.02 ? 100 : 1;
      this.at(1 + this.random.fraction() * this.maxDelayMs * late, () => {
        const node = this.nodes.get(to);
        if (node?.register && node.side === from.side) {
          node.register.receive(this.#now(), from.hostId, message, this.#effects(node));
        }
      });
    }
  }

  #now(): { monotonicMs: number; wallMs: number } {
    return { monotonicMs: this.nowMs, wallMs: Math.floor(1_700_000_000_000 + this.nowMs) };
  }

  #pop(): { readonly atMs: number; readonly act: () => void } {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(last, heap[child]!)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}

const before = (left: { atMs: number; order: number }, right: { atMs: number; order: number }): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
