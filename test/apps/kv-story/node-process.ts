import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Answer, NodeSetup, Order } from './node-control.ts';

/** The children run what was built, as applications do. */
const root = dirname(createRequire(import.meta.url).resolve('murmuring/package.json'));
const program = join(root, 'dist/apps/kv-story/story-node.js');

type OrderBody = Order extends infer Each ? (Each extends Order ? Omit<Each, 'id'> : never) : never;
type Ready = Extract<Answer, { kind: 'ready' }>;

/** One node of the story as its own process, with its own directory and log. */
export class NodeProcess {
  readonly name: string;
  readonly setup: NodeSetup;
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #ready: Promise<Ready>;
  #nextOrder = 1;
  #known: Ready | null = null;
  #over = false;

  /** `directory` holds the node's data and log; a node that is started in the same one again is the same node. */
  constructor(name: string, directory: string, setup: NodeSetup) {
    this.name = name;
    this.setup = setup;
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'setup.json');
    writeFileSync(file, JSON.stringify(setup));
    this.#child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const log = createWriteStream(join(directory, 'log'), { flags: 'a' });
    this.#child.stdout!.pipe(log, { end: false });
    this.#child.stderr!.pipe(log, { end: false });
    this.#ready = new Promise((resolve, reject) => {
      this.#child.on('message', (answer: Answer) => {
        if (answer.kind === 'ready') {
          this.#known = answer;
          resolve(answer);
        } else this.#answered(answer);
      });
      this.#child.once('exit', () => reject(new Error(`${name} ended before it was ready: see ${directory}/log`)));
    });
    // Whoever waits for it hears of it; who does not may not.
    this.#ready.catch(() => {});
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.#over = true;
        for (const { reject } of this.#waiting.values()) reject(new Error(`${name} ended`));
        this.#waiting.clear();
        log.end();
        resolve();
      });
    });
  }

  /** Ready, and not ended: clients may turn to it. */
  get serves(): boolean {
    return this.#known !== null && !this.#over;
  }

  get over(): boolean {
    return this.#over;
  }

  /** It was ready once, and is no more. */
  get died(): boolean {
    return this.#known !== null && this.#over;
  }

  get hostId(): string {
    return this.#known!.hostId;
  }

  get address(): string {
    return this.#known!.address;
  }

  get gossipAddress(): string {
    return this.#known!.gossipAddress;
  }

  /** Rejects when it ends, or has said nothing for so long. */
  async ready(withinMs: number): Promise<Ready> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.name} was not ready within ${withinMs} ms`)), withinMs);
    });
    return Promise.race([this.#ready, late]).finally(() => clearTimeout(timer));
  }

  /** Rejects with what the node answered, or when it ends. */
  order(body: OrderBody): Promise<unknown> {
    if (this.#over) return Promise.reject(new Error(`${this.name} ended`));
    const id = this.#nextOrder++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ ...body, id }, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  /** As a power cut would. Resolves once it is gone. */
  async kill(): Promise<void> {
    if (!this.#over) this.#child.kill('SIGKILL');
    await this.exited;
  }

  #answered(answer: Exclude<Answer, Ready>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === 'done') waiting?.resolve(answer.result);
    else waiting?.reject(new Error(answer.error));
  }
}
