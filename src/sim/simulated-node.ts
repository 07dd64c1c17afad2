import type { RingError } from '../base/error.ts';
import { type Address, type HostId, randomHex, randomUuid } from '../base/id.ts';
import { type Random, SeededRandom } from '../base/random.ts';
import type { Now } from '../base/time.ts';
import type { EndpointDirectory } from '../gossip/endpoint-directory.ts';
import type { Command } from '../node/command.ts';
import type { CommandResult, Destination, Effects, Input, Seed, Source } from '../node/core-io.ts';
import type { Channel, Message } from '../node/message.ts';
import type { NodeConfig } from '../node/node-config.ts';
import { NodeCore } from '../node/node-core.ts';
import type { NodeEvent } from '../node/node-event.ts';
import type { NodeReader } from '../node/node-reader.ts';
import type { SharedRing } from '../node/shared-ring.ts';
import type { StoredState, StoreRecord } from '../node/store-record.ts';
import type { Timer } from '../node/timer.ts';
import { SimulatedDisk } from './simulated-disk.ts';

/** What a simulated node asks of its world. */
export interface NodeWorld {
  readonly nowMs: number;
  readonly directory: EndpointDirectory;
  readonly sharedRing: SharedRing;
  send(from: SimulatedNode, to: Destination, channel: Channel, message: Message): void;
  later(node: SimulatedNode, delayMs: number, input: Input): void;
  timer(node: SimulatedNode, delayMs: number, timer: Timer): void;
  event(node: SimulatedNode, event: NodeEvent): void;
  /** The node takes an input. */
  takes(node: SimulatedNode, input: Input): void;
  /** The node has taken an input. */
  stepped(node: SimulatedNode): void;
}

/** Unix time at which every world begins. */
export const worldStartMs = 1_700_000_000_000;

/** How long a save may linger. */
const saveMs = 1_000;

/** Records on their way to the disk: a save, which is written once it is due, or a commit, which the world brings back. */
interface Write {
  readonly dueMs: number;
  readonly records: readonly StoreRecord[];
  readonly commit: boolean;
}

/**
 * One node of a world: the production core, a disk that loses what a crash loses, and a clock that may be wrong. A
 * restart is a new life: timers, messages and commits of the one before never reach it.
 */
export class SimulatedNode implements Effects {
  /** Where it stands in the world's list of nodes. */
  readonly place: number;
  /** Changed by `World.move` alone. */
  address: Address;
  readonly config: NodeConfig;
  readonly #world: NodeWorld;
  readonly #random: Random;
  #seeds: readonly Seed[];
  #disk = new SimulatedDisk();
  /** In the order in which they were given, which is the order in which they reach the disk. */
  #writes: Write[] = [];
  /** When the first of them is due, if it is a save; each step asks. */
  #saveDueMs = Number.POSITIVE_INFINITY;
  #core: NodeCore | null = null;
  #nextCommand = 1;
  readonly #results = new Map<number, CommandResult>();
  /** Counts starts; inputs of an earlier life are dropped. */
  life = 0;
  clockSkewMs = 0;
  /** Its loop stands still until then; what is due meanwhile waits. */
  stalledUntilMs = 0;
  #hostId: HostId | null = null;
  #source: Source | null = null;
  #clusterId: string | null = null;
  /** How long a commit takes at most. */
  commitMs = 5;
  ready = false;
  fatal: RingError | null = null;
  /** It was decommissioned, and stopped by itself. */
  left = false;
  bootNonce = '';
  /** What it told its driver, unless `keepsEvents` is false: a large world's would fill the memory. */
  readonly events: NodeEvent[] = [];
  keepsEvents = true;
  /** False: what it writes is lost, and it never starts again. The peers that ten thousand nodes keep fill the memory. */
  keepsDisk = true;

  constructor(
    world: NodeWorld,
    options: { place: number; address: Address; config: NodeConfig; seeds: readonly Seed[]; random: Random },
  ) {
    this.#world = world;
    this.place = options.place;
    this.address = options.address;
    this.config = options.config;
    this.#seeds = options.seeds;
    this.#random = options.random;
  }

  get running(): boolean {
    return this.#core !== null;
  }

  /** Views of the running node. */
  get reader(): NodeReader {
    if (this.#core === null) throw new Error(`${this.address} is not running`);
    return this.#core.reader;
  }

  get hostId(): HostId {
    if (this.#hostId === null) this.#hostId = this.reader.hostId;
    return this.#hostId;
  }

  /** What its messages of this life say of their sender. */
  get source(): Source {
    this.#source ??= { hostId: this.hostId, bootNonce: this.bootNonce, replyTo: this.address };
    return this.#source;
  }

  /** Null while it does not run, or does not know its cluster. */
  get clusterId(): string | null {
    return this.#clusterId;
  }

  /** `bootNonce`: only where others must know it before the start; else a new random one. */
  start(bootNonce: string | null = null): void {
    if (this.life > 0) this.#demandDisk();
    this.life++;
    this.ready = false;
    this.fatal = null;
    this.left = false;
    this.stalledUntilMs = 0;
    this.#hostId = this.#source = this.#clusterId = null;
    this.bootNonce = bootNonce ?? randomHex(this.#random, 8);
    this.#core = new NodeCore({
      config: this.config,
      random: new SeededRandom(this.#random.uint32()),
      directory: this.#world.directory,
      sharedRing: this.#world.sharedRing,
    });
    this.step({
      kind: 'start',
      stored: this.#disk.state(),
      freshHostId: randomUuid(this.#random),
      bootNonce: this.bootNonce,
      address: this.address,
      httpAddress: null,
    });
    this.step({ kind: 'seeds', seeds: this.#seeds });
  }

  /** Loses the saves that were not due yet. Of the commits under way some are on the disk already, and nobody knows. */
  crash(): void {
    this.#flushDue();
    const commits = this.#writes.filter((write) => write.commit);
    this.#writes = commits.slice(0, this.#random.below(commits.length + 1));
    this.#flushAll();
    this.#core = this.#clusterId = null;
    this.ready = false;
  }

  /** A clean stop: said goodbye, everything written. */
  stop(): void {
    this.command({ kind: 'goodbye' });
    this.#shutDown();
  }

  #shutDown(): void {
    this.#flushAll();
    this.#core = this.#clusterId = null;
    this.ready = false;
  }

  /** The disk as it would be found after a crash now: for tests that restore an old copy. */
  diskCopy(): StoredState {
    this.#demandDisk();
    this.#flushDue();
    return this.#disk.state();
  }

  /** Puts a disk in place of this node's own. Only while it is not running. */
  replaceDisk(stored: StoredState | null): void {
    this.#disk = stored === null ? new SimulatedDisk() : new SimulatedDisk(stored);
    this.#writes = [];
    this.#planSave();
  }

  reseed(seeds: readonly Seed[]): void {
    this.#seeds = seeds;
    if (this.running) this.step({ kind: 'seeds', seeds });
  }

  /** Gives a command to the core. The result is read by `resultOf` once the world has run on. */
  command(command: Command): number {
    const id = this.#nextCommand++;
    this.step({ kind: 'command', id, command });
    return id;
  }

  resultOf(commandId: number): CommandResult | null {
    return this.#results.get(commandId) ?? null;
  }

  step(input: Input): void {
    this.#flushDue();
    this.#world.takes(this, input);
    this.#core?.step(this.#now(), input, this);
    // The driver's duty on a fatal event: stop the node.
    if (this.fatal !== null && this.running) this.crash();
    else if (this.left && this.running) this.#shutDown();
    else this.#world.stepped(this);
  }

  send(to: Destination, channel: Channel, message: Message): void {
    this.#world.send(this, to, channel, message);
  }

  schedule(timer: Timer, delayMs: number): void {
    this.#world.timer(this, delayMs, timer);
  }

  save(record: StoreRecord): void {
    if (this.keepsDisk) this.#write([record], this.#random.fraction() * saveMs, false);
  }

  commit(batch: readonly StoreRecord[]): void {
    // Saves go with the commit after them, which never overtakes one.
    const saves: StoreRecord[] = [];
    while (this.#writes.at(-1)?.commit === false) saves.unshift(...this.#writes.pop()!.records);
    const dueMs = this.#write([...saves, ...batch], this.#random.fraction() * this.commitMs, true);
    this.#world.later(this, dueMs - this.#world.nowMs, { kind: 'committed', batch });
  }

  /** The world brings a commit back: now it is on the disk. */
  committed(batch: readonly StoreRecord[]): void {
    this.#flushDue();
    this.#apply(this.#writes.shift()!);
    this.#planSave();
    this.step({ kind: 'committed', batch });
  }

  complete(commandId: number, result: CommandResult): void {
    this.#results.set(commandId, result);
  }

  emit(event: NodeEvent): void {
    if (this.keepsEvents) this.events.push(event);
    if (event.kind === 'cluster') this.#clusterId = event.clusterId;
    if (event.kind === 'ready') this.ready = true;
    if (event.kind === 'fatal') this.fatal = event.error;
    if (event.kind === 'left') this.left = true;
    this.#world.event(this, event);
  }

  #demandDisk(): void {
    if (!this.keepsDisk) throw new Error(`${this.address} keeps no disk to start again from`);
  }

  #now(): Now {
    const nowMs = this.#world.nowMs;
    // A wall clock tells whole milliseconds: two nodes may read the same, and what they sign with it goes over the wire.
    return { monotonicMs: nowMs, wallMs: Math.floor(worldStartMs + nowMs + this.clockSkewMs) };
  }

  #write(records: readonly StoreRecord[], delayMs: number, commit: boolean): number {
    const dueMs = Math.max(this.#writes.at(-1)?.dueMs ?? 0, this.#world.nowMs + delayMs);
    this.#writes.push({ dueMs, records, commit });
    this.#planSave();
    return dueMs;
  }

  #flushDue(): void {
    while (this.#saveDueMs <= this.#world.nowMs) {
      this.#apply(this.#writes.shift()!);
      this.#planSave();
    }
  }

  #flushAll(): void {
    for (const write of this.#writes.splice(0)) this.#apply(write);
    this.#planSave();
  }

  #apply({ records }: Write): void {
    if (this.keepsDisk) for (const record of records) this.#disk.apply(record);
  }

  #planSave(): void {
    const first = this.#writes[0];
    this.#saveDueMs = first?.commit === false ? first.dueMs : Number.POSITIVE_INFINITY;
  }
}
