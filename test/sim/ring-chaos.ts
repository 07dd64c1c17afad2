import { InvariantViolation } from '../../src/base/error.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { Command } from '../../src/node/command.ts';
import type { Seed } from '../../src/node/core-io.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';
import { DataMover } from './data-mover.ts';

/** Every so often an operator acts. */
const operatorShare = 0.2;
/** So many nodes are started at most to take a dead one's place. */
const mostReplacements = 2;

/**
 * Operators of a chaotic world: they begin whatever operation comes to mind at any node, mostly in vain, abort some, and the
 * application that moves the data is slow and fails at times. The seeds are left alone, for whoever starts asks them.
 */
export class RingChaos {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #spared: number;
  readonly #seedsNow: () => Seed[];
  #replacements = 0;

  constructor(world: World, seed: number, spared: number, seedsNow: () => Seed[]) {
    this.#world = world;
    this.#random = new SeededRandom(seed ^ 0x0b5);
    this.#spared = spared;
    this.#seedsNow = seedsNow;
    const mover = new DataMover(world);
    mover.takesMs = this.#random.below(4_000);
    mover.fault = () => (this.#random.fraction() < 0.1 ? 'a fault of the application' : null);
  }

  /** True if an operator did something. */
  act(): boolean {
    if (this.#random.fraction() > operatorShare) return false;
    const { nodes } = this.#world;
    const node = this.#pick(nodes.filter((each) => each.running && each.reader.register.state !== null));
    const subject = this.#pick(nodes.slice(this.#spared).filter((each) => hostIdOf(each) !== null));
    if (node === undefined) return false;
    if (this.#random.fraction() < 0.15) return this.#replace(node);
    const command = this.#command(node, subject === undefined ? null : hostIdOf(subject));
    if (command !== null) node.command(command);
    return true;
  }

  /** How many operations that operators began were ended. */
  ended(): number {
    const { records } = this.#world.nodes.find((node) => node.running)!.reader.register.log;
    const begun = new Set(
      records.flatMap(({ operation, operationId }) =>
        operation === null || operation === 'bootstrap' ? [] : [operationId],
      ),
    );
    return records.filter(({ kind, operationId }) => kind === 'end' && begun.has(operationId)).length;
  }

  /** A node is started in the place of whom an operator holds for dead, rightly or not. */
  #replace(operator: SimulatedNode): boolean {
    const dead = this.#pick(
      operator.reader.members().filter(({ liveness, state }) => liveness === 'dead' && state !== null),
    );
    if (dead === undefined || this.#replacements === mostReplacements) return false;
    this.#replacements++;
    const { movements } = operator.config;
    const newcomer = this.#world.addNode([], { movements, replace: dead.hostId });
    newcomer.reseed(this.#seedsNow());
    newcomer.start();
    return true;
  }

  #command(node: SimulatedNode, hostId: string | null): Command | null {
    const force = this.#random.fraction() < 0.5;
    const factor = 1 + this.#random.below(3);
    const replication: Record<string, string | number> =
      this.#random.fraction() < 0.5
        ? { class: 'SimpleStrategy', replication_factor: factor }
        : { class: 'NetworkTopologyStrategy', dc1: factor };
    const dice = this.#random.fraction();
    if (dice < 0.2) return { kind: 'putSchema', type: 'keyspace', name: 'app', replication, document: null };
    if (dice < 0.3) {
      return {
        kind: 'beginOperation',
        request: { operation: 'alterReplication', keyspace: 'app', replication },
        force,
      };
    }
    const operationId = node.reader.register.state!.operation?.operationId;
    if (dice < 0.36) return operationId === undefined ? null : { kind: 'abortOperation', operationId };
    if (dice < 0.42) return operationId === undefined ? null : { kind: 'resumeOperation', operationId };
    if (hostId === null) return null;
    if (dice < 0.6) return { kind: 'beginOperation', request: { operation: 'decommission', hostId }, force };
    if (dice < 0.8) return { kind: 'beginOperation', request: { operation: 'removenode', hostId }, force };
    if (dice < 0.95) {
      const tokens = [BigInt(this.#random.uint32()) * 2n ** 31n];
      return { kind: 'beginOperation', request: { operation: 'move', hostId, tokens }, force };
    }
    return { kind: 'forceRemove', hostId, force: false };
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[this.#random.below(items.length)];
  }
}

/** True for a newcomer whose replacement of another was refused: it is right to be stopped. */
export function isRefused(node: SimulatedNode): boolean {
  return !node.running && node.config.replace !== null && node.fatal?.code === 'REFUSED';
}

/** True for a node that has left the ring, or was removed from it: it is right to be stopped. */
export function isGone(world: World, node: SimulatedNode): boolean {
  if (node.running) return false;
  const hostId = String(node.fatal?.details.hostId ?? hostIdOf(node));
  // Its begin may have been on its way already: then that is undone first.
  if (isRefused(node)) return world.nodes.every((each) => !isMember(each, hostId));
  const removed = world.nodes.some((each) => each.running && each.reader.register.state?.removed.has(hostId));
  return removed && (node.left || node.fatal?.code === 'REMOVED');
}

export function noneOpen(world: World): boolean {
  return world.nodes.every((node) => !node.running || node.reader.register.state?.operation === null);
}

export function demandNoneOpen(world: World): void {
  const node = world.nodes.find((each) => each.running && each.reader.register.state?.operation !== null);
  if (node === undefined) return;
  const open = node.reader.register.state?.operation;
  const words = world.nodes.filter((each) => each.running).flatMap((each) => each.reader.operationWaitingFor);
  throw new InvariantViolation(
    `seed ${world.seed}: ${open?.kind} ${open?.operationId} at ${open?.step} does not end: ${words.join('; ')}`,
  );
}

/** An operator who looks at the operations has those tried again that failed. */
export function resumeFailed(world: World): void {
  const node = world.nodes.find((each) => each.running && each.reader.register.state?.operation);
  const operationId = node?.reader.register.state?.operation?.operationId;
  if (node !== undefined && operationId !== undefined) node.command({ kind: 'resumeOperation', operationId });
}

const isMember = (at: SimulatedNode, hostId: string): boolean =>
  at.running && at.reader.register.state?.members.has(hostId) === true;

function hostIdOf(node: SimulatedNode): string | null {
  try {
    return node.hostId;
  } catch {
    return null;
  }
}
