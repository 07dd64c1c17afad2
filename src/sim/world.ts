import type { Address, HostId } from '../base/id.ts';
import { SeededRandom } from '../base/random.ts';
import { EndpointDirectory } from '../gossip/endpoint-directory.ts';
import { shadowMessageKinds } from '../lifecycle/lifecycle-message.ts';
import type { Destination, Input, Seed } from '../node/core-io.ts';
import type { Channel, Message } from '../node/message.ts';
import { defaultNodeConfig, type NodeConfig } from '../node/node-config.ts';
import type { NodeEvent } from '../node/node-event.ts';
import { EventQueue } from './event-queue.ts';
import { lanNetwork, Network, type NetworkOptions } from './network.ts';
import { type NodeWorld, SimulatedNode } from './simulated-node.ts';

/** Something that is due at a node: an input of its own life, or a message, which any life may open that it is bound to. */
type Due =
  | { readonly kind: 'own'; readonly node: SimulatedNode; readonly life: number; readonly input: Input }
  | { readonly kind: 'arrival'; readonly node: SimulatedNode; readonly input: Input; readonly binding: FrameBinding };

/** What a frame is bound to, as the envelope's associated data does it. Null cluster and host: a shadow frame. */
interface FrameBinding {
  readonly clusterName: string;
  readonly clusterId: string | null;
  readonly hostId: HostId | null;
}

/** Sees every message that is sent, before the network decides. Returning false drops it. */
export type Tap = (from: SimulatedNode, to: Destination, channel: Channel, message: Message) => boolean;

/**
 * A deterministic world: virtual time, one seed decides everything, the production core on every node. Same seed, same
 * calls, same history.
 */
export class World implements NodeWorld {
  readonly seed: number;
  readonly directory = new EndpointDirectory();
  readonly network: Network;
  readonly nodes: SimulatedNode[] = [];
  readonly #byAddress = new Map<Address, SimulatedNode>();
  readonly #queue = new EventQueue<Due>();
  readonly #random: SeededRandom;
  readonly #taps: Tap[] = [];
  readonly #observers: ((node: SimulatedNode) => void)[] = [];
  /** Nodes whose loop stands still, and until when. */
  readonly #stalled = new Map<SimulatedNode, number>();
  #nowMs = 0;
  messagesSent = 0;

  constructor(seed: number, network: Partial<NetworkOptions> = {}) {
    this.seed = seed;
    this.#random = new SeededRandom(seed);
    this.network = new Network(new SeededRandom(this.#random.uint32()), { ...lanNetwork, ...network });
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Adds a node that is not started yet. `seeds` are literal addresses. */
  addNode(seeds: readonly Address[], config: Partial<NodeConfig> = {}, address?: Address): SimulatedNode {
    const node = new SimulatedNode(this, {
      address: address ?? addressOf(this.nodes.length),
      config: { ...defaultNodeConfig, clusterName: 'sim', releaseVersion: '0.0.0', ...config },
      seeds: literalSeeds(seeds),
      random: new SeededRandom(this.#random.uint32()),
    });
    this.nodes.push(node);
    this.#byAddress.set(node.address, node);
    return node;
  }

  /** A cluster of `size` nodes, all seeded by the first, started and ready. Throws when that takes more than `withinMs`. */
  cluster(
    size: number,
    config: Partial<NodeConfig> | ((index: number) => Partial<NodeConfig>) = {},
    withinMs = 60_000,
  ): SimulatedNode[] {
    const first = addressOf(this.nodes.length);
    const made = Array.from({ length: size }, (_, index) =>
      this.addNode([first], typeof config === 'function' ? config(index) : config),
    );
    for (const node of made) node.start();
    if (!this.runUntil(() => made.every((node) => node.ready), withinMs)) {
      const late = made
        .filter((node) => !node.ready)
        .map((node) => `${node.address}: ${node.fatal?.message ?? node.reader.waitingFor.join('; ')}`);
      throw new Error(`not ready within ${withinMs} ms: ${late.join(', ')}`);
    }
    return made;
  }

  tap(tap: Tap): void {
    this.#taps.push(tap);
  }

  /** A stopped node is to start elsewhere, with its disk; what is sent to where it was is lost. */
  move(node: SimulatedNode, address: Address): void {
    if (this.#byAddress.get(node.address) === node) this.#byAddress.delete(node.address);
    node.address = address;
    this.#byAddress.set(address, node);
  }

  /** Is told of every node that has taken an input, and still runs. */
  observe(observer: (node: SimulatedNode) => void): void {
    this.#observers.push(observer);
  }

  /** The node's loop stands still: what is due meanwhile waits, and then the node is told for how long. */
  stall(node: SimulatedNode, forMs: number): void {
    this.#stalled.set(node, this.#nowMs + forMs);
    this.later(node, forMs, { kind: 'stalled', forMs });
  }

  /** Runs for a stretch of virtual time. */
  run(forMs: number): void {
    const untilMs = this.#nowMs + forMs;
    while (this.#queue.nextMs !== null && this.#queue.nextMs <= untilMs) this.#next();
    this.#nowMs = untilMs;
  }

  /** Runs until the condition holds, looking after every 50 ms of virtual time. False when it did not within `withinMs`. */
  runUntil(condition: () => boolean, withinMs: number): boolean {
    const untilMs = this.#nowMs + withinMs;
    while (!condition()) {
      if (this.#nowMs >= untilMs) return false;
      this.run(Math.min(50, untilMs - this.#nowMs));
    }
    return true;
  }

  send(from: SimulatedNode, to: Destination, channel: Channel, message: Message): void {
    this.messagesSent++;
    for (const tap of this.#taps) if (!tap(from, to, channel, message)) return;
    const receiver = this.#byAddress.get(to.address);
    const shadow = shadowMessageKinds.has(message.kind);
    const binding: FrameBinding = {
      clusterName: from.config.clusterName,
      clusterId: shadow ? null : from.clusterId,
      hostId: shadow ? null : to.hostId,
    };
    const source = { hostId: from.hostId, bootNonce: from.bootNonce, replyTo: from.address };
    const deliveries = receiver === undefined ? [] : this.network.deliveriesMs(from.address, to.address, channel);
    if (deliveries.length === 0 && channel === 'stream') this.later(from, 3_000, { kind: 'sendFailed', to });
    for (const delayMs of deliveries) {
      const input: Input = { kind: 'message', from: source, channel, message };
      this.#queue.push(this.#nowMs + delayMs, { kind: 'arrival', node: receiver!, input, binding });
    }
  }

  later(node: SimulatedNode, delayMs: number, input: Input): void {
    this.#queue.push(this.#nowMs + Math.max(0, delayMs), { kind: 'own', node, life: node.life, input });
  }

  event(_node: SimulatedNode, _event: NodeEvent): void {}

  stepped(node: SimulatedNode): void {
    for (const observer of this.#observers) observer(node);
  }

  #next(): void {
    this.#nowMs = this.#queue.nextMs!;
    const due = this.#queue.pop()!;
    const { node, input } = due;
    if (!node.running) return;
    const stalledUntilMs = this.#stalled.get(node) ?? 0;
    if (this.#nowMs < stalledUntilMs) return this.#queue.push(stalledUntilMs, due);
    if (due.kind === 'arrival') {
      if (opens(node, due.binding)) node.step(input);
    } else if (due.life === node.life) {
      if (input.kind === 'committed') node.committed(input.batch);
      else node.step(input);
    }
  }
}

function opens(node: SimulatedNode, binding: FrameBinding): boolean {
  if (node.config.clusterName !== binding.clusterName) return false;
  return binding.hostId === null || (node.clusterId === binding.clusterId && node.hostId === binding.hostId);
}

export function addressOf(index: number): Address {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}:7600`;
}

export function literalSeeds(addresses: readonly Address[]): Seed[] {
  return addresses.map((address) => ({ name: address, literal: true, addresses: [address] }));
}
