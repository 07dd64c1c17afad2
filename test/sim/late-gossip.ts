import type { Message } from '../../src/node/message.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';

/** What tells of the ring and of hosts. Votes and the questions of barriers go as ever. */
const gossiped: ReadonlySet<Message['kind']> = new Set(['records', 'rumors', 'syn', 'ack', 'ack2', 'roots', 'buckets']);

/**
 * Gossip, and records that were decided, are late for some nodes, which hear all of it at once when that is over. Voters
 * that are behind cannot vote, so whole steps pass a node by only where most of the others hear.
 */
export class LateGossip {
  readonly #world: World;
  readonly #heardMs = new Map<string, number>();
  readonly #late = new WeakSet<Message>();

  constructor(world: World) {
    this.#world = world;
    world.tap((from, to, channel, message) => {
      const hearsMs = this.#heardMs.get(to.address) ?? 0;
      const kinds = message.kind === 'bundle' ? message.messages.map(({ kind }) => kind) : [message.kind];
      if (hearsMs <= world.nowMs || this.#late.has(message) || !kinds.some((kind) => gossiped.has(kind))) return true;
      const copy = { ...message };
      this.#late.add(copy);
      const { life } = from;
      world.at(hearsMs, () => {
        if (from.running && from.life === life) world.send(from, to, channel, copy);
      });
      return false;
    });
  }

  /** The node hears nothing until then; said again, the last word counts for what is sent from then on. */
  delay({ address }: SimulatedNode, untilMs: number): void {
    this.#heardMs.set(address, untilMs);
  }

  isLate({ address }: SimulatedNode): boolean {
    return (this.#heardMs.get(address) ?? 0) > this.#world.nowMs;
  }
}
