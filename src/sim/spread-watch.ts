import type { Message } from '../node/message.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { World } from './world.ts';

/** One change: who made it, when, and how long it took to every other node that ran then. */
export interface Spread {
  readonly key: string;
  readonly beganMs: number;
  /** Ms from the change until each node knew it, in the order in which they learned it. */
  readonly delaysMs: readonly number[];
  /** Running nodes that do not know it yet. */
  readonly missing: number;
  /** Messages that carried it, repetitions included. */
  readonly sends: number;
}

interface Watched {
  readonly key: string;
  readonly value: string;
  readonly owner: SimulatedNode;
  readonly beganMs: number;
  readonly delaysMs: number[];
  readonly waiting: Set<SimulatedNode>;
  readonly carriers: WeakMap<Message, boolean>;
  sends: number;
}

/** How long a change is still repeated by those who know it: sends are counted at least so long. */
const repeatsMs = 2_000;

/** Changes states and watches how they spread: when each node learns of it, and how many messages carry it. */
export class SpreadWatch {
  readonly #world: World;
  readonly #all: Watched[] = [];
  readonly #open = new Set<Watched>();

  constructor(world: World) {
    this.#world = world;
    world.listen((node, event) => {
      if (event.kind !== 'states' || this.#open.size === 0) return;
      for (const watched of this.#open) {
        if (event.keys.includes(watched.key) && event.hostId === watched.owner.hostId) this.#learned(watched, node);
      }
    });
    world.tap((_from, _to, _channel, message) => {
      for (const watched of this.#open) {
        if (carries(watched, message)) watched.sends++;
        if (watched.waiting.size === 0 && world.nowMs - watched.beganMs > repeatsMs) this.#open.delete(watched);
      }
      return true;
    });
  }

  /** Has the node set one application state, and watches it. */
  change(owner: SimulatedNode, key: string, value: string): void {
    const waiting = new Set(this.#world.nodes.filter((node) => node.running && node !== owner));
    const watched: Watched = {
      key,
      value,
      owner,
      beganMs: this.#world.nowMs,
      delaysMs: [],
      waiting,
      carriers: new WeakMap(),
      sends: 0,
    };
    this.#all.push(watched);
    this.#open.add(watched);
    owner.command({ kind: 'setStates', entries: [[key, value]] });
  }

  /** True once every node that still runs knows every change. */
  get settled(): boolean {
    for (const watched of this.#open) {
      for (const node of watched.waiting) if (!node.running) watched.waiting.delete(node);
      if (watched.waiting.size > 0) return false;
    }
    return true;
  }

  get spreads(): readonly Spread[] {
    return this.#all.map(({ key, beganMs, delaysMs, waiting, sends }) => ({
      key,
      beganMs,
      delaysMs,
      missing: waiting.size,
      sends,
    }));
  }

  #learned(watched: Watched, node: SimulatedNode): void {
    const { key, value, owner } = watched;
    if (node.reader.endpointState(owner.hostId)?.values.get(key)?.value !== value) return;
    if (watched.waiting.delete(node)) watched.delaysMs.push(this.#world.nowMs - watched.beganMs);
  }
}

/** Whether the change is somewhere in a message, of whatever kind: found by its key and value, side by side. */
function carries({ key, value, carriers }: Watched, message: Message): boolean {
  if (message.kind === 'syn' || message.kind === 'ping') return false;
  let found = carriers.get(message);
  if (found === undefined) {
    found = holds(message, key, value);
    carriers.set(message, found);
  }
  return found;
}

function holds(part: unknown, key: string, value: string): boolean {
  if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return false;
  if (Array.isArray(part)) {
    if (part[0] === key) return part[1] === value || part[1]?.value === value;
    return part.some((each) => holds(each, key, value));
  }
  for (const each of Object.values(part)) if (holds(each, key, value)) return true;
  return false;
}
