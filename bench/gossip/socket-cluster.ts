import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MurmuringNode } from '../../src/runtime/murmuring-node.ts';
import type { NodeOptions } from '../../src/runtime/node-options.ts';
import { startNode } from '../../src/runtime/start-node.ts';

/** Nodes that start at the same time: each joins the ring, and few steps of it are open at once. */
const startedAtOnce = 8;

/** A node in a process of its own, that can be killed as a crash kills it. */
export interface Victim {
  readonly hostId: string;
  /** SIGKILL; nothing is said to anybody. */
  kill(): void;
}

/** What the process of a victim is told. */
export type VictimOptions = Pick<NodeOptions, 'cluster' | 'listen' | 'http' | 'data' | 'secret' | 'detector'> & {
  readonly seeds: readonly string[];
};

/** A cluster of real nodes on loopback sockets: most in this process, encrypted, each with a store of its own. */
export class SocketCluster {
  readonly nodes: MurmuringNode[] = [];
  readonly victims: Victim[] = [];
  readonly #directory: string;
  readonly #secret = randomBytes(32).toString('hex');
  readonly #processes: ChildProcess[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** `size` nodes, `victims` of them in processes of their own; all have joined when it resolves. */
  static async start(size: number, victims: number): Promise<SocketCluster> {
    const cluster = new SocketCluster(await mkdtemp(join(tmpdir(), 'murmuring-bench-')));
    try {
      cluster.nodes.push(await startNode(cluster.#options(0, [])));
      const seeds = [cluster.nodes[0]!.gossipAddress];
      for (let from = 1; from < size - victims; from += startedAtOnce) {
        const places = Array.from({ length: Math.min(startedAtOnce, size - victims - from) }, (_, at) => from + at);
        cluster.nodes.push(...(await Promise.all(places.map((place) => startNode(cluster.#options(place, seeds))))));
      }
      for (let place = size - victims; place < size; place++) {
        cluster.victims.push(await cluster.#startVictim(cluster.#options(place, seeds)));
      }
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async stop(): Promise<void> {
    for (const process of this.#processes.splice(0)) process.kill('SIGKILL');
    await Promise.all(this.nodes.splice(0).map((node) => node.stop()));
    await rm(this.#directory, { recursive: true, force: true });
  }

  #options(place: number, seeds: readonly string[]): VictimOptions & { readonly logLevel: 'silent' } {
    return {
      cluster: 'bench',
      listen: '127.0.0.1:0',
      http: '127.0.0.1:0',
      data: join(this.#directory, String(place)),
      secret: this.#secret,
      detector: 'swim',
      seeds,
      logLevel: 'silent',
    };
  }

  #startVictim(options: VictimOptions): Promise<Victim> {
    const child = fork(join(import.meta.dirname, 'socket-victim.js'), [JSON.stringify(options)]);
    this.#processes.push(child);
    return new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`a node's process ended with ${code}`)));
      child.once('message', (hostId) => resolve({ hostId: String(hostId), kill: () => child.kill('SIGKILL') }));
    });
  }
}
