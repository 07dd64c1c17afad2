import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '#dist/base/random';
import type { Look, NodeFaults, NodeSetup } from './node-control.ts';
import { NodeProcess } from './node-process.ts';

export interface ClusterOptions {
  readonly random: Random;
  readonly directory: string;
  /** Of each node: vnodes, or 1 for nodes that can move. */
  readonly tokens: number;
  readonly barriers: boolean;
}

const replicationFactor = 3;
const readyMs = 60_000;
/** Five rounds a second: a dead node is convicted within seconds, as with a second it is within a minute. */
const gossipIntervalMs = 200;

export const noFaults: NodeFaults = { gossip: {}, door: { dropRatio: 0, maxDelayMs: 0 } };

/** The processes of one story, and how they are told to change the ring. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #nodes: NodeProcess[] = [];
  #faults: NodeFaults = noFaults;
  #made = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Those who serve, in the order of their start. */
  get serving(): readonly NodeProcess[] {
    return this.#nodes.filter((node) => node.serves);
  }

  addresses(): readonly string[] {
    return this.serving.map(({ address }) => address);
  }

  /** A new node, on its way; `replace`: the host id in whose place it joins. */
  spawn(replace: string | null = null): NodeProcess {
    const name = `n${this.#made++}`;
    const seeds = this.serving.map(({ gossipAddress }) => gossipAddress);
    return this.#start(name, {
      kv: {
        node: {
          cluster: 'story',
          listen: '127.0.0.1:0',
          http: false,
          data: this.#directoryOf(name),
          seeds,
          tokens: this.#options.tokens,
          gossipIntervalMs,
          joinTimeoutMs: 5_000,
          ...(replace === null ? {} : { replace }),
        },
        ...(seeds.length === 0 ? { replicationFactor } : {}),
      },
      seed: this.#options.random.uint32(),
      barriers: this.#options.barriers,
      faults: this.#faults,
    });
  }

  async join(): Promise<NodeProcess> {
    const node = this.spawn();
    await node.ready(readyMs);
    return node;
  }

  /** A dead node comes back with its data, at its old address or another. */
  async restart(dead: NodeProcess): Promise<NodeProcess> {
    const seeds = this.serving.map(({ gossipAddress }) => gossipAddress);
    const { kv } = dead.setup;
    const node = this.#start(dead.name, {
      ...dead.setup,
      kv: { node: { ...kv.node, seeds, listen: dead.gossipAddress } },
      faults: this.#faults,
    });
    await node.ready(readyMs);
    return node;
  }

  /** Whoever died and is still an owner comes back: more than one dead would leave no quorum. Answers their names. */
  async mend(): Promise<string[]> {
    const owners = (await this.look())?.owners ?? [];
    const last = new Map(this.#nodes.map((node) => [node.name, node]));
    const dead = [...last.values()].filter((node) => node.died && owners.includes(node.hostId));
    for (const node of dead) await this.restart(node).catch(() => null);
    return dead.map(({ name }) => name);
  }

  async suffer(faults: NodeFaults): Promise<void> {
    this.#faults = faults;
    await Promise.all(this.serving.map((node) => node.order({ kind: 'faults', faults }).catch(() => null)));
  }

  /** How the first of those who serve sees things, or null. */
  async look(): Promise<Look | null> {
    const [first] = this.serving;
    return ((await first?.order({ kind: 'look' }).catch(() => null)) ?? null) as Look | null;
  }

  /** Polls until the first node sees it so. Throws after `withinMs`, saying what it saw last. */
  async until(what: string, condition: (look: Look) => boolean, withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs;
    for (;;) {
      const look = await this.look();
      if (look !== null && condition(look)) return;
      // What an operator would do.
      if (look?.operations.some((text) => text.includes(' failed: '))) await this.#resume();
      if (performance.now() > untilMs) throw new Error(`not within ${withinMs} ms: ${what}; ${JSON.stringify(look)}`);
      await sleep(100);
    }
  }

  /** Nobody changes the ring, and whoever serves owns. */
  async quiet(withinMs: number): Promise<void> {
    const done = ({ operations, owners }: Look): boolean =>
      operations.length === 0 && this.serving.every(({ hostId }) => owners.includes(hostId));
    await this.until('no operation is open', done, withinMs);
  }

  async #resume(): Promise<void> {
    await this.serving[0]?.order({ kind: 'resume' }).catch(() => null);
  }

  async end(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
  }

  #start(name: string, setup: NodeSetup): NodeProcess {
    const node = new NodeProcess(name, this.#directoryOf(name), setup);
    this.#nodes.push(node);
    return node;
  }

  #directoryOf(name: string): string {
    return join(this.#options.directory, name);
  }
}
