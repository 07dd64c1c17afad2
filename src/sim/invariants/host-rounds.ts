import type { HostId } from '../../base/id.ts';
import type { SimulatedNode } from '../simulated-node.ts';

/** Hosts that one look compares: a world of no more is looked at whole after every step. */
const hostsPerLook = 16;
/** Nodes that are asked what they know, spread evenly over the world: a rule remembers something for each pair. */
const maxObservers = 64;

/**
 * Which hosts a rule about pairs of nodes looks at: after each step of a node the next few of all that ever ran, in turn.
 * So a rule costs the same a step in a world of any size, and in a large one comes by each pair of a sample of observers
 * every N / 16 steps.
 */
export class HostRounds {
  readonly #places = new Map<HostId, number>();
  readonly #hosts: HostId[] = [];
  readonly #cursors = new WeakMap<SimulatedNode, number>();

  /** The hosts to look at now, as this node knows them. */
  next(node: SimulatedNode): readonly HostId[] {
    const { hostId } = node.reader;
    if (!this.#places.has(hostId)) {
      this.#places.set(hostId, this.#hosts.length);
      this.#hosts.push(hostId);
    }
    const hosts = this.#hosts;
    if (hosts.length <= hostsPerLook) return hosts;
    if (this.#places.get(hostId)! % Math.ceil(hosts.length / maxObservers) !== 0) return [];
    const from = (this.#cursors.get(node) ?? 0) % hosts.length;
    this.#cursors.set(node, from + hostsPerLook);
    return hosts.slice(from, from + hostsPerLook);
  }
}
