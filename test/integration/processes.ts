import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const bin = resolve(import.meta.dirname, '../../bin');

/** One parsed line of a daemon's JSON log. */
export interface LogLine {
  readonly event?: string;
  readonly msg?: string;
  readonly [fact: string]: unknown;
}

export interface ReadyLine extends LogLine {
  readonly hostId: string;
  readonly gossipAddress: string;
  readonly httpAddress: string;
}

/** A murmurd process under test: real sockets, real files. It is killed when the test is over, whatever happened. */
export class Daemon {
  readonly log: LogLine[] = [];
  stderr = '';
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #over = false;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [join(bin, 'murmurd.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...env },
    });
    let rest = '';
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.log.push(parseLine(line));
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((done) => this.#child.once('close', (code) => done(code)));
    void this.exited.then(() => {
      this.#over = true;
    });
    onTestFinished(async () => {
      this.kill('SIGKILL');
      await this.exited;
    });
  }

  get over(): boolean {
    return this.#over;
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#over) this.#child.kill(signal);
  }

  /** Kills it as a power cut would, and waits until it is gone. */
  async crash(): Promise<void> {
    this.kill('SIGKILL');
    await this.exited;
  }

  /** Stops it as an operator would; the exit code. */
  async stop(): Promise<number | null> {
    this.kill('SIGTERM');
    return this.exited;
  }

  async ready(withinMs = 30_000): Promise<ReadyLine> {
    await until(
      () => this.over || this.event('ready') !== undefined,
      withinMs,
      () => `ready line; got ${this.tail()}`,
    );
    const line = this.event('ready');
    if (line === undefined) throw new Error(`murmurd ended before it was ready: ${this.tail()}`);
    return line as ReadyLine;
  }

  event(name: string): LogLine | undefined {
    return this.log.find((line) => line.event === name);
  }

  tail(): string {
    return `${JSON.stringify(this.log.slice(-8))} ${this.stderr}`;
  }
}

/** A fresh directory, removed when the test is over. */
export async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'murmuring-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A tenth of the production interval, so that what gossip missed is mended ten times as soon. */
export const fastGossip = { MURMURING_GOSSIP_INTERVAL_MS: '100' };

/** Flags of a node on free loopback ports. */
export function nodeFlags(data: string, seeds: readonly string[] = [], more: readonly string[] = []): string[] {
  return [
    '--cluster',
    'test',
    '--listen',
    '127.0.0.1:0',
    '--http',
    '127.0.0.1:0',
    '--data',
    data,
    ...(seeds.length > 0 ? ['--seeds', seeds.join(',')] : []),
    ...more,
  ];
}

/** Runs ringctl to its end. */
export async function ringctl(
  http: string,
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(bin, 'ringctl.js'), '--http', `http://${http}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, stdout, stderr };
}

// biome-ignore lint/suspicious/noExplicitAny: answers are judged field by field in the tests.
export async function getJson(http: string, path: string): Promise<any> {
  const response = await fetch(`http://${http}${path}`);
  return response.json();
}

/** Waits for a condition with a deadline; polls, never guesses a duration. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what: () => string = () => 'condition',
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    // A node that is not up yet refuses connections: that is "not yet".
    if (await (async () => condition())().catch(() => false)) return;
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what()}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { msg: line };
  }
}
