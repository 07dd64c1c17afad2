import { InvariantViolation, RingError } from '../../src/base/error.ts';
import type { HostId } from '../../src/base/id.ts';
import type { Random } from '../../src/base/random.ts';
import type { RangeMovement } from '../../src/ring/range-movement.ts';
import type { Route } from '../../src/ring/router.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';
import { tokenOf } from '../../src/token/murmur3-partitioner.ts';
import { rangeContains, type TokenRange } from '../../src/token/token-range.ts';

export const keyspace = 'kv';

/** An answer, or why there is none: the replica knows a newer ring. */
type Answered<Value> = { readonly value: Value } | 'stale';

/** How requests between coordinators and replicas travel. */
export interface RequestFaults {
  /** Share of the packets that are lost, 0 to 1. */
  readonly lossRatio: (from: SimulatedNode, to: SimulatedNode) => number;
  /** Share of the packets that are late, by up to `lateMs`: they arrive in another step of the ring than they left in. */
  readonly lateRatio: number;
  readonly lateMs: number;
  /** A movement takes up to this long once its sources are read, so that much happens between the steps. */
  readonly movesMs: number;
}

const quickMs = 5;
const pullAgainMs = 500;

/**
 * What an application with quorums would hold, in its smallest form: registers whose value is the number of their last
 * write. Routes, guards and movements are the nodes' own; data and requests are this class's. What a node holds survives
 * its crashes. Sources hand over what they hold at that moment, whatever they know of the ring. Reads check on the spot that they miss no write that was acknowledged before they began.
 */
export class RegisterStore {
  readonly #world: World;
  readonly #random: Random;
  readonly #faults: RequestFaults;
  readonly #tokens: ReadonlyMap<string, bigint>;
  readonly #held = new Map<HostId, Map<string, number>>();
  readonly #acknowledged = new Map<string, number>();
  /** Movements that are wanted, by place and id of the movement. */
  readonly #wanted = new Set<string>();
  #lastWrite = 0;
  writes = 0;
  reads = 0;
  movements = 0;
  refused = 0;

  constructor(world: World, random: Random, keys: number, faults: RequestFaults) {
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
    this.#tokens = new Map(Array.from({ length: keys }, (_, index) => [`k${index}`, tokenOf(`k${index}`)]));
    world.listen((node, event) => {
      if (event.kind === 'movement') {
        const { movement, role } = event;
        const { life } = node;
        this.#wanted.add(jobOf(node, movement.id));
        world.at(world.nowMs + this.#latencyMs(), () => {
          if (role === 'gain') this.#pull(node, life, movement, 0);
          else this.#moved(node, life, movement.id);
        });
      } else if (event.kind === 'movementCancelled') this.#wanted.delete(jobOf(node, event.movementId));
    });
  }

  get keys(): readonly string[] {
    return [...this.#tokens.keys()];
  }

  /** Those of the keys whose tokens are in ranges. */
  keysIn(ranges: readonly TokenRange[]): string[] {
    return this.keys.filter((key) => ranges.some((range) => rangeContains(range, this.#tokens.get(key)!)));
  }

  /** Where a key belongs as a node sees it; null while it knows no ring or not the keyspace. */
  route(node: SimulatedNode, key: string): Route | null {
    const known = node.reader.ring() !== null && node.reader.schema.get('keyspace', keyspace) !== null;
    return known ? node.reader.router()!.route(key, keyspace) : null;
  }

  /** A quorum write through a node, by the ring as it sees it. */
  write(coordinator: SimulatedNode, key: string): void {
    const route = this.route(coordinator, key);
    if (route === null) return;
    const version = ++this.#lastWrite;
    let acks = 0;
    for (const { hostId } of route.writeReplicas) {
      const merge = (replica: SimulatedNode): Answered<null> => {
        this.#merge(replica, [[key, version]]);
        return guards(replica, key, route.epoch) ? 'stale' : { value: null };
      };
      this.#ask(coordinator, hostId, merge, () => {
        if (++acks !== route.requiredWriteAcks) return;
        this.writes++;
        this.#acknowledged.set(key, Math.max(version, this.#acknowledged.get(key) ?? 0));
      });
    }
  }

  /** A quorum read through a node. Throws, some virtual time later, when it misses a write. */
  read(coordinator: SimulatedNode, key: string): void {
    const route = this.route(coordinator, key);
    if (route === null) return;
    const acknowledged = this.#acknowledged.get(key) ?? 0;
    const versions: number[] = [];
    for (const { hostId } of route.replicas) {
      const look = (replica: SimulatedNode): Answered<number> => {
        const value = this.#at(replica.hostId).get(key) ?? 0;
        return guards(replica, key, route.epoch) ? 'stale' : { value };
      };
      this.#ask(coordinator, hostId, look, (version) => {
        if (versions.push(version) !== route.requiredReads) return;
        this.reads++;
        const newest = Math.max(...versions);
        if (newest < acknowledged) {
          throw this.#violation(
            `a quorum read of ${key} by epoch ${route.epoch} found write ${newest} of ${acknowledged}`,
          );
        }
      });
    }
  }

  /** In a ring at rest no quorum of replicas may miss any acknowledged write. Throws where one does. */
  demandAll(node: SimulatedNode): void {
    for (const [key, acknowledged] of this.#acknowledged) {
      const { replicas, requiredReads, epoch } = this.route(node, key)!;
      const lacking = replicas.filter(({ hostId }) => (this.#at(hostId).get(key) ?? 0) < acknowledged);
      if (lacking.length < requiredReads) continue;
      const names = lacking.map(({ hostId }) => hostId).join(', ');
      throw this.#violation(`by epoch ${epoch} write ${acknowledged} of ${key} is lost to a quorum: ${names} lack it`);
    }
  }

  /** Reads one source after another, and is done when all are merged; again from a source that did not answer. */
  #pull(node: SimulatedNode, life: number, movement: RangeMovement, index: number): void {
    if (!this.#goesOn(node, life, movement.id)) return;
    const source = movement.sources[index];
    if (source === undefined) {
      const takesMs = this.#random.below(this.#faults.movesMs);
      return this.#world.at(this.#world.nowMs + takesMs, () => this.#moved(node, life, movement.id));
    }
    let answered = false;
    const scan = (replica: SimulatedNode): Answered<[string, number][]> => {
      const moving = new Set(this.keysIn(movement.ranges));
      return { value: [...this.#at(replica.hostId)].filter(([key]) => moving.has(key)) };
    };
    this.#ask(node, source, scan, (entries) => {
      if (answered || !this.#goesOn(node, life, movement.id)) return;
      answered = true;
      this.#merge(node, entries);
      this.#pull(node, life, movement, index + 1);
    });
    this.#world.at(this.#world.nowMs + pullAgainMs, () => {
      if (!answered) this.#pull(node, life, movement, index);
      answered = true;
    });
  }

  #moved(node: SimulatedNode, life: number, movementId: string): void {
    if (!this.#goesOn(node, life, movementId)) return;
    this.#wanted.delete(jobOf(node, movementId));
    this.movements++;
    node.command({ kind: 'movementDone', movementId });
  }

  #goesOn(node: SimulatedNode, life: number, movementId: string): boolean {
    return node.running && node.life === life && this.#wanted.has(jobOf(node, movementId));
  }

  /** A request and its answer; either may be late or lost. `take` is called at most once, while the asker still lives. */
  #ask<Value>(
    asker: SimulatedNode,
    to: HostId,
    handle: (replica: SimulatedNode) => Answered<Value>,
    take: (value: Value) => void,
  ): void {
    const { life } = asker;
    this.#travel(() => {
      const replica = this.#world.nodes.find((node) => node.running && node.hostId === to);
      if (replica === undefined || !this.#serves(asker, replica) || this.#loses(asker, replica)) return;
      const answer = handle(replica);
      if (answer === 'stale') {
        this.refused++;
        return;
      }
      const { address } = replica;
      if (this.#loses(replica, asker)) return;
      this.#travel(() => {
        const back = asker.running && asker.life === life && this.#world.network.reaches(address, asker.address);
        if (back) take(answer.value);
      });
    });
  }

  #serves(asker: SimulatedNode, replica: SimulatedNode): boolean {
    if (this.#world.nowMs < replica.stalledUntilMs) return false;
    return asker === replica || this.#world.network.reaches(asker.address, replica.address);
  }

  #travel(arrive: () => void): void {
    this.#world.at(this.#world.nowMs + this.#latencyMs(), arrive);
  }

  #loses(from: SimulatedNode, to: SimulatedNode): boolean {
    return this.#random.fraction() < this.#faults.lossRatio(from, to);
  }

  #latencyMs(): number {
    const late = this.#random.fraction() < this.#faults.lateRatio;
    return this.#random.fraction() * (late ? this.#faults.lateMs : quickMs);
  }

  #merge(replica: SimulatedNode, entries: readonly (readonly [string, number])[]): void {
    const held = this.#at(replica.hostId);
    for (const [key, version] of entries) held.set(key, Math.max(version, held.get(key) ?? 0));
  }

  #at(hostId: HostId): Map<string, number> {
    const held = this.#held.get(hostId) ?? new Map<string, number>();
    this.#held.set(hostId, held);
    return held;
  }

  #violation(text: string): InvariantViolation {
    return new InvariantViolation(`seed ${this.#world.seed}, ${Math.round(this.#world.nowMs)} ms: ${text}`);
  }
}

const jobOf = (node: SimulatedNode, movementId: string): string => `${node.place}/${movementId}`;

/** Guarded after the store was read or written: see the rules in `test/apps/kv/replica-routes.ts`. */
function guards(replica: SimulatedNode, key: string, epoch: number): boolean {
  try {
    replica.reader.guard(key, keyspace, epoch);
    return false;
  } catch (error) {
    if (error instanceof RingError) return true;
    throw error;
  }
}
