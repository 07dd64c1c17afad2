import type { Random } from '../../src/base/random.ts';
import { differenceOf } from '../../src/sim/invariants/convergence.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { literalSeeds, type World } from '../../src/sim/world.ts';

/** A node that gives up while nobody answers, or while a schema version is out of reach, is started again. */
const startAgain: ReadonlySet<string> = new Set(['SEEDS_UNREACHABLE', 'TIMEOUT']);
/** A node that was removed, or whose demand is refused, has ended. */
const hasEnded: ReadonlySet<string> = new Set(['REMOVED', 'REFUSED']);

/** An operator at 3 a.m., who does what the manual says and nothing else. */
export class RingOperator {
  readonly #world: World;
  readonly #random: Random;
  /** The side of a fork that is to stay: one of its members. */
  #stays: SimulatedNode | null = null;
  forked = 0;
  restored = 0;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  get #running(): SimulatedNode[] {
    return this.#world.nodes.filter((node) => node.running);
  }

  /** Starts again whoever stopped for no reason of its own, with seeds that lead somewhere. */
  start(): void {
    const running = this.#running.filter((node) => node.ready);
    const seeds = literalSeeds(running.slice(0, 3).map(({ address }) => address));
    for (const node of this.#world.nodes) {
      if (seeds.length > 0) node.reseed(seeds);
      if (!node.running && mayStart(node)) node.start();
    }
  }

  /** What is to be seen before anything is done. */
  look(): void {
    this.forked = this.#running.filter((node) => node.reader.register.fork !== null).length;
    this.restored = this.#running.filter((node) => node.reader.register.restored).length;
  }

  act(): void {
    for (const node of this.#running) {
      if (!node.reader.drained) continue;
      node.stop();
      node.start();
    }
    if (this.#endForks()) return;
    const node = this.#running.find((each) => each.ready && !each.reader.register.restored);
    const state = node?.reader.register.state ?? null;
    if (node === undefined || state === null) return;
    const operationId = state.operation?.operationId;
    // Who was removed by a history that was given up is a member by the one that stays, and its store is of no use.
    const lost = this.#world.nodes.find((each) => isGone(each) && state.members.has(hostIdOf(each) ?? ''));
    if (lost !== undefined) {
      const hostId = hostIdOf(lost)!;
      // By force where the first is refused, or where an open operation waits for it.
      const request = { operation: 'removenode', hostId } as const;
      const removal = { kind: 'beginOperation', request, force: true } as const;
      const last = { kind: 'forceRemove', hostId, force: true } as const;
      return void node.command(operationId === undefined && this.#random.fraction() < 0.5 ? removal : last);
    }
    if (operationId !== undefined) return void node.command({ kind: 'resumeOperation', operationId });
    const copy = this.#running.find((each) => each.reader.register.restored && state.members.has(each.hostId));
    if (copy === undefined) return;
    const request = { operation: 'decommission', hostId: copy.hostId } as const;
    node.command({ kind: 'beginOperation', request, force: true });
  }

  /** What keeps the world from rest, or null. */
  unrest(): string | null {
    const { nodes } = this.#world;
    const stopped = nodes.find((node) => !node.running && (mayStart(node) || !isGone(node)));
    if (stopped !== undefined) {
      return `${stopped.address} stopped with ${stopped.fatal?.code ?? 'nothing'}: ${stopped.fatal?.message ?? ''}`;
    }
    for (const node of this.#running) {
      const { register, drained, operationWaitingFor } = node.reader;
      const { state, fork, restored } = register;
      if (fork !== null) return `${node.address} sees a fork: ${JSON.stringify(fork)}`;
      if (drained) return `${node.address} is drained`;
      if (restored) return `${node.address} is restored`;
      if (state === null) return `${node.address} knows no ring`;
      if (state.operation !== null) {
        const { kind, operationId, step } = state.operation;
        return `${kind} ${operationId} is open at ${step} at ${node.address}: ${operationWaitingFor.join('; ')}`;
      }
      const first = this.#running[0]!.reader.register.state;
      if (state.chainHash !== first?.chainHash) return `${node.address} is at another record than the first`;
      const unplaced = [...state.members.keys()].find(
        (hostId) => !this.#running.some((each) => each.hostId === hostId),
      );
      if (unplaced !== undefined) return `${unplaced} is a member, and nobody is it`;
    }
    return differenceOf(this.#world);
  }

  /** `ring adopt` at each node that holds the other history than the one that stays. True while there is something to end. */
  #endForks(): boolean {
    const forked = this.#running.filter((node) => node.reader.register.fork !== null);
    if (forked.length === 0) return false;
    if (this.#stays?.running !== true) this.#stays = forked[this.#random.below(forked.length)]!;
    const { log } = this.#stays.reader.register;
    for (const node of forked) {
      const { position, fork } = node.reader.register;
      const holdsOther = log.compare(position) === 'fork' || node.reader.register.log.compare(log.position) === 'fork';
      if (holdsOther && fork !== null) node.command({ kind: 'adoptLineage', lineage: fork.theirs.lineage });
    }
    return true;
  }
}

const mayStart = (node: SimulatedNode): boolean =>
  !node.left && (node.fatal === null || startAgain.has(node.fatal.code));

const isGone = (node: SimulatedNode): boolean => node.left || (node.fatal !== null && hasEnded.has(node.fatal.code));

function hostIdOf(node: SimulatedNode): string | null {
  try {
    return node.hostId;
  } catch {
    return null;
  }
}
