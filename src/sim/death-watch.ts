import type { HostId } from '../base/id.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { World } from './world.ts';

/** One crash, and when the others held the node for dead. */
export interface Death {
  readonly crashedMs: number;
  /** Ms until the first node held it for dead; null if none did. */
  readonly firstMs: number | null;
  /** Ms until the last running node did; null while one does not. */
  readonly allMs: number | null;
}

interface Crashed {
  readonly crashedMs: number;
  readonly waiting: Set<SimulatedNode>;
  firstMs: number | null;
  lastMs: number;
}

/** Crashes nodes and watches who finds out, when, and who is held for dead although it runs. */
export class DeathWatch {
  readonly #world: World;
  readonly #crashed = new Map<HostId, Crashed>();
  readonly #placeOf = new Map<HostId, SimulatedNode>();
  readonly #falselyDead: { readonly atMs: number; readonly by: SimulatedNode; readonly about: SimulatedNode }[] = [];

  constructor(world: World) {
    this.#world = world;
    for (const node of world.nodes) this.#placeOf.set(node.hostId, node);
    world.listen((node, event) => {
      if (event.kind !== 'liveness' || event.liveness !== 'dead') return;
      const crashed = this.#crashed.get(event.hostId);
      const about = this.#placeOf.get(event.hostId);
      if (crashed !== undefined) this.#found(crashed, node);
      else if (about?.running) this.#falselyDead.push({ atMs: world.nowMs, by: node, about });
    });
  }

  crash(node: SimulatedNode): void {
    const { nowMs } = this.#world;
    const waiting = new Set(this.#world.nodes.filter((other) => other.running && other !== node));
    this.#crashed.set(node.hostId, { crashedMs: nowMs, waiting, firstMs: null, lastMs: nowMs });
    node.crash();
  }

  /** True once every node that runs holds every crashed one for dead. */
  get settled(): boolean {
    for (const crashed of this.#crashed.values()) if (this.#waits(crashed)) return false;
    return true;
  }

  get deaths(): readonly Death[] {
    return [...this.#crashed.values()].map((crashed) => ({
      crashedMs: crashed.crashedMs,
      firstMs: crashed.firstMs === null ? null : crashed.firstMs - crashed.crashedMs,
      allMs: this.#waits(crashed) ? null : crashed.lastMs - crashed.crashedMs,
    }));
  }

  /** How often a running node was held for dead, counted once for each who did. */
  get falsePositives(): number {
    return this.#falselyDead.length;
  }

  /** Running nodes that somebody held for dead. */
  get falselyDead(): ReadonlySet<SimulatedNode> {
    return new Set(this.#falselyDead.map(({ about }) => about));
  }

  /** Others that crashed meanwhile need not find out any more. */
  #waits(crashed: Crashed): boolean {
    for (const node of crashed.waiting) {
      if (node.running) return true;
      crashed.waiting.delete(node);
    }
    return false;
  }

  #found(crashed: Crashed, node: SimulatedNode): void {
    const { nowMs } = this.#world;
    crashed.firstMs ??= nowMs;
    if (crashed.waiting.delete(node)) crashed.lastMs = nowMs;
  }
}
