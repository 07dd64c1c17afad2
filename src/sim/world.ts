import type { Address, HostId } from '../base/id.ts';
import { SeededRandom } from '../base/random.ts';
import { EndpointDirectory } from '../gossip/endpoint-directory.ts';
import { shadowMessageKinds } from '../lifecycle/lifecycle-message.ts';
import type { Destination, Input, Seed, Source } from '../node/core-io.ts';
import type { Channel, Message } from '../node/message.ts';
import { defaultNodeConfig, type NodeConfig } from '../node/node-config.ts';
import type { NodeEvent } from '../node/node-event.ts';
import { SharedRing } from '../node/shared-ring.ts';
import { isOver, type Timer } from '../node/timer.ts';
import { EventQueue } from './event-queue.ts';
import { lanNetwork, Network, type NetworkOptions, streamConnectMs } from './network.ts';
import { type NodeWorld, SimulatedNode } from './simulated-node.ts';
import type { Trace } from './trace.ts';
import { Traffic } from './traffic.ts';

/**
 * Something that is due: a timer or another input of a node's own life; a message, which any life may open that it is bound
 * to, as the envelope's associated data binds it (null cluster and host: a shadow frame); or an act of whoever drives the
 * world.
 */
type Due =
  | { readonly kind: 'timer'; readonly node: SimulatedNode; readonly life: number; readonly timer: Timer }
  | { readonly kind: 'own'; readonly node: SimulatedNode; readonly life: number; readonly input: Input }
  | {
      readonly kind: 'arrival';
      readonly node: SimulatedNode;
      readonly source: Source;
      readonly channel: Channel;
      readonly message: Message;
      readonly clusterName: string;
      readonly clusterId: string | null;
      readonly hostId: HostId | null;
    }
  | { readonly kind: 'act'; readonly act: () => void };

/** Sees every message that is sent, before the network decides. Returning false drops it. */
export type Tap = (from: SimulatedNode, to: Destination, channel: Channel, message: Message) => boolean;

/** Hears what the nodes tell their drivers. */
export type EventListener = (node: SimulatedNode, event: NodeEvent) => void;

/**
 * A deterministic world: virtual time, one seed decides everything, the production core on every node. Same seed, same
 * calls, same history.
 */
export class World implements NodeWorld {
  readonly seed: number;
  readonly directory = new EndpointDirectory();
  readonly sharedRing = new SharedRing();
  readonly network: Network;
  readonly nodes: SimulatedNode[] = [];
  readonly #byAddress = new Map<Address, SimulatedNode>();
  readonly #queue = new EventQueue<Due>();
  readonly #random: SeededRandom;
  readonly #taps: Tap[] = [];
  readonly #observers: ((node: SimulatedNode) => void)[] = [];
  readonly #listeners: EventListener[] = [];
  /** Complete settings by what was given of them: nodes that are given the same object share one. */
  readonly #configs = new WeakMap<Partial<NodeConfig>, NodeConfig>();
  #trace: Trace | null = null;
  #traffic: Traffic | null = null;
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
      place: this.nodes.length,
      address: address ?? addressOf(this.nodes.length),
      config: this.#configOf(config),
      seeds: literalSeeds(seeds),
      random: new SeededRandom(this.#random.uint32()),
    });
    this.nodes.push(node);
    this.#byAddress.set(node.address, node);
    return node;
  }

  #configOf(given: Partial<NodeConfig>): NodeConfig {
    let config = this.#configs.get(given);
    if (config === undefined) {
      config = { ...defaultNodeConfig, clusterName: 'sim', releaseVersion: '0.0.0', ...given };
      this.#configs.set(given, config);
    }
    return config;
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

  /** Hears every event of every node. */
  listen(listener: EventListener): void {
    this.#listeners.push(listener);
  }

  /** Every input that a node takes from now on goes into the trace. */
  record(trace: Trace): void {
    this.#trace = trace;
  }

  /** Counts bytes from now on: every message is encoded for its size, which takes time. */
  measure(): Traffic {
    this.#traffic ??= new Traffic();
    return this.#traffic;
  }

  /** Does something at a moment of virtual time, before what the nodes do then. */
  at(atMs: number, act: () => void): void {
    this.#queue.push(Math.max(atMs, this.#nowMs), { kind: 'act', act });
  }

  /**
   * The node's loop stands still: what is due meanwhile waits, and then the node is told for how long. One that stands
   * still already does so for longer, if this is longer.
   */
  stall(node: SimulatedNode, forMs: number): void {
    const fromMs = Math.max(this.#nowMs, node.stalledUntilMs);
    const untilMs = this.#nowMs + forMs;
    if (untilMs <= fromMs) return;
    node.stalledUntilMs = untilMs;
    this.later(node, forMs, { kind: 'stalled', forMs: untilMs - fromMs });
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
    const opened = this.network.streamsOpened;
    const deliveries =
      receiver === undefined ? [] : this.network.deliveriesMs(from.address, to.address, channel, this.#nowMs);
    this.#traffic?.sent(from.place, this.#nowMs, channel, message, this.network.streamsOpened > opened);
    if (channel === 'stream' && (deliveries.length === 0 || receiver?.running === false)) {
      this.later(from, streamConnectMs, { kind: 'sendFailed', to });
    }
    const shadow = shadowMessageKinds.has(message.kind);
    for (const delayMs of deliveries) {
      this.#queue.push(this.#nowMs + delayMs, {
        kind: 'arrival',
        node: receiver!,
        source: from.source,
        channel,
        message,
        clusterName: from.config.clusterName,
        clusterId: shadow ? null : from.clusterId,
        hostId: shadow ? null : to.hostId,
      });
    }
  }

  later(node: SimulatedNode, delayMs: number, input: Input): void {
    this.#queue.push(this.#nowMs + Math.max(0, delayMs), { kind: 'own', node, life: node.life, input });
  }

  timer(node: SimulatedNode, delayMs: number, timer: Timer): void {
    this.#queue.push(this.#nowMs + Math.max(0, delayMs), { kind: 'timer', node, life: node.life, timer });
  }

  event(node: SimulatedNode, event: NodeEvent): void {
    for (const listener of this.#listeners) listener(node, event);
  }

  stepped(node: SimulatedNode): void {
    for (const observer of this.#observers) observer(node);
  }

  takes(node: SimulatedNode, input: Input): void {
    this.#trace?.took(this.#nowMs, node.address, input);
  }

  #next(): void {
    this.#nowMs = this.#queue.nextMs!;
    const due = this.#queue.pop()!;
    if (due.kind === 'act') return due.act();
    const { node } = due;
    if (!node.running) return;
    if (this.#nowMs < node.stalledUntilMs) return this.#queue.push(node.stalledUntilMs, due);
    if (due.kind === 'timer') {
      if (due.life === node.life && !isOver(due.timer)) node.step({ kind: 'timer', timer: due.timer });
    } else if (due.kind === 'own') {
      if (due.life !== node.life) return;
      if (due.input.kind === 'committed') node.committed(due.input.batch);
      else node.step(due.input);
    } else if (opens(node, due)) {
      node.step({ kind: 'message', from: due.source, channel: due.channel, message: due.message });
    }
  }
}

function opens(node: SimulatedNode, frame: Extract<Due, { kind: 'arrival' }>): boolean {
  if (node.config.clusterName !== frame.clusterName) return false;
  return frame.hostId === null || (node.clusterId === frame.clusterId && node.hostId === frame.hostId);
}

export function addressOf(index: number): Address {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}:7600`;
}

export function literalSeeds(addresses: readonly Address[]): Seed[] {
  return addresses.map((address) => ({ name: address, literal: true, addresses: [address] }));
}
