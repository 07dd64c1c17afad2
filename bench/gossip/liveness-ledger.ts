import type { HostId } from '../../src/base/id.ts';
import { secondMs } from '../../src/base/time.ts';
import type { Liveness } from '../../src/node/node-event.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';

/** So many nodes are asked for all that they hold, to see that the ledger is right. */
const audited = 20;
/** A confirmed death makes everyone probe faster for some seconds: what comes next waits until that is over. */
export const restMs = 8 * secondMs;
const patienceMs = 60 * secondMs;

/**
 * Who holds whom for suspect or dead, kept from what the nodes tell: to ask ten thousand nodes for ten thousand members
 * takes minutes. Begun in a world in which every node runs and holds every other for alive.
 */
export class LivenessLedger {
  readonly #world: World;
  readonly #doubts = new Map<SimulatedNode, Map<HostId, Liveness>>();
  readonly #nodeOf = new Map<HostId, SimulatedNode>();
  readonly #deadVerdicts = new Map<HostId, number>();

  constructor(world: World) {
    this.#world = world;
    for (const node of world.nodes) {
      this.#nodeOf.set(node.hostId, node);
      this.#doubts.set(node, new Map());
    }
    this.#audit();
    world.listen((node, event) => {
      if (event.kind !== 'liveness') return;
      const { hostId, liveness } = event;
      if (liveness === 'alive') this.#doubtsOf(node).delete(hostId);
      else this.#doubtsOf(node).set(hostId, liveness);
      if (liveness === 'dead') this.#deadVerdicts.set(hostId, this.deadVerdicts(hostId) + 1);
    });
  }

  /** How often this host has been held for dead so far, counted once for each who did. */
  deadVerdicts(hostId: HostId): number {
    return this.#deadVerdicts.get(hostId) ?? 0;
  }

  holdsDead(node: SimulatedNode, hostId: HostId): boolean {
    return this.#doubtsOf(node).get(hostId) === 'dead';
  }

  /** The share of running nodes that hold exactly those for dead that do not run, and the ring of the first of them. */
  agreeingShare(): number {
    this.#audit();
    const running = this.#running();
    const crashed = this.#world.nodes.length - running.length;
    const fingerprint = running[0]?.reader.ring()?.fingerprint;
    const agrees = (node: SimulatedNode): boolean => {
      const dead = [...this.#doubtsOf(node)].filter(([, liveness]) => liveness === 'dead');
      const rightly = dead.every(([hostId]) => this.#nodeOf.get(hostId)?.running === false);
      return rightly && dead.length === crashed && node.reader.ring()?.fingerprint === fingerprint;
    };
    return running.filter(agrees).length / running.length;
  }

  /** Runs the world, in which all run, until every node holds every other for alive. Throws if that does not come. */
  rest(after: string): void {
    this.#world.run(restMs);
    const atRest = (): boolean => this.#running().every((node) => this.#doubtsOf(node).size === 0);
    if (this.#world.runUntil(atRest, patienceMs)) return this.#audit();
    const doubts = this.#running().flatMap((node) =>
      [...this.#doubtsOf(node)].map(
        ([hostId, liveness]) => `node ${node.place} holds ${this.#nodeOf.get(hostId)?.place ?? hostId} for ${liveness}`,
      ),
    );
    const some = `${doubts.slice(0, 5).join(', ')}${doubts.length > 5 ? `, and ${doubts.length - 5} more` : ''}`;
    throw new Error(
      `seed ${this.#world.seed}: no rest within ${(restMs + patienceMs) / secondMs} s after ${after}: ${some}`,
    );
  }

  /** An event that was not told would make every figure a lie. */
  #audit(): void {
    const running = this.#running();
    const step = Math.ceil(running.length / audited);
    for (const node of running.filter((_, place) => place % step === 0)) {
      for (const { hostId, liveness } of node.reader.members()) {
        const kept = this.#doubtsOf(node).get(hostId) ?? 'alive';
        if (liveness === kept) continue;
        const about = this.#nodeOf.get(hostId)?.place ?? hostId;
        throw new Error(
          `seed ${this.#world.seed}: node ${node.place} holds ${about} for ${liveness}, and last told ${kept}`,
        );
      }
    }
  }

  #running(): SimulatedNode[] {
    return this.#world.nodes.filter((node) => node.running);
  }

  #doubtsOf(node: SimulatedNode): Map<HostId, Liveness> {
    return this.#doubts.get(node)!;
  }
}
