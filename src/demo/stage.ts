import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeProcess } from './node-process.ts';

const ringctl = fileURLToPath(new URL('../../bin/ringctl.js', import.meta.url));
const requestTimeoutMs = 10_000;

/** Everything that the demo starts and must put away again: processes, and one temporary directory for all their data. */
export class Stage {
  readonly #directory = mkdtempSync(join(tmpdir(), 'murmuring-demo-'));
  readonly #children = new Set<ChildProcess>();
  readonly #nodes = new Map<string, NodeProcess>();

  /** The nodes that run, by name. */
  get nodes(): readonly NodeProcess[] {
    return [...this.#nodes.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Starts a node whose data lies under its name: the same name again is the same node again. */
  async start(name: string, at: { gossip: string; http: string }, seeds: readonly string[]): Promise<NodeProcess> {
    const data = join(this.#directory, name);
    const flags = ['--cluster', 'demo', '--data', data, '--load-directory', data, '--rack', `rack-of-${name}`];
    flags.push('--listen', at.gossip, '--http', at.http);
    if (seeds.length > 0) flags.push('--seeds', seeds.join(','));
    const node = await NodeProcess.start(name, flags, (child) => this.#watch(child));
    this.#nodes.set(name, node);
    return node;
  }

  async kill(node: NodeProcess): Promise<void> {
    this.#nodes.delete(node.name);
    await node.kill();
  }

  /** Runs ringctl against a node; answers what it printed. Rejects with what it complained of if it fails. */
  async ringctl(node: NodeProcess, args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [ringctl, '--http', `http://${node.ready.httpAddress}`, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#watch(child);
    let printed = '';
    let complained = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complained += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    if (code === 0) return printed;
    throw new Error(`ringctl ${args.join(' ')} ended with exit code ${code}: ${complained.trim() || printed.trim()}`);
  }

  /** What a node answers to a GET, by the shapes of `src/api`. */
  async get<T>(node: NodeProcess, path: string): Promise<T> {
    const url = `http://${node.ready.httpAddress}${path}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(requestTimeoutMs) });
    if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Stops every node as an operator would. Answers the names of those that did not stop cleanly. */
  async stopAll(): Promise<string[]> {
    const codes = await Promise.all(this.nodes.map(async (node) => [node.name, await node.stop()] as const));
    this.#nodes.clear();
    return codes.filter(([, code]) => code !== 0).map(([name]) => name);
  }

  /** By force, at once, without waiting: the last thing the demo does, however it ends. Safe to call twice. */
  clear(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    // A process that is being killed may still write a file: hence the retries.
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  #watch(child: ChildProcess): void {
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
  }
}
