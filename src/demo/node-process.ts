import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const murmurd = fileURLToPath(new URL('../../bin/murmurd.js', import.meta.url));

/** What the ready line of murmurd says. */
export interface ReadyLine {
  readonly hostId: string;
  readonly gossipAddress: string;
  readonly httpAddress: string;
}

const readyWithinMs = 60_000;
const stopWithinMs = 10_000;
const keptLines = 20;

/**
 * One murmurd process of the demo. It leads a process group of its own, so that Ctrl-C reaches only the demo, which then
 * stops its nodes in order.
 */
export class NodeProcess {
  readonly name: string;
  readonly ready: ReadyLine;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;

  private constructor(name: string, ready: ReadyLine, child: ChildProcess, exited: Promise<number | null>) {
    this.name = name;
    this.ready = ready;
    this.#child = child;
    this.#exited = exited;
  }

  /**
   * Starts a node; `born` hears of the process before anything can fail, so that it can always be ended. Resolves when
   * the node is NORMAL, rejects with its last words if it ends before, or is not ready in time.
   */
  static async start(
    name: string,
    flags: readonly string[],
    born: (child: ChildProcess) => void,
  ): Promise<NodeProcess> {
    const child = spawn(process.execPath, [murmurd, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      // What the shell sets for a murmurd of its own must not leak into the demo.
      env: Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('MURMURING_'))),
    });
    born(child);
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const lastLines: string[] = [];
    const ready = await new Promise<ReadyLine>((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(deadline);
        reject(new Error(`${name} ${why}\n${lastLines.join('\n')}`));
      };
      const deadline = setTimeout(() => fail(`was not ready within ${readyWithinMs / 1_000} s`), readyWithinMs);
      const hear = (line: string): void => {
        lastLines.push(line);
        if (lastLines.length > keptLines) lastLines.shift();
        const said = readyLineOf(line);
        if (said === null) return;
        clearTimeout(deadline);
        resolve(said);
      };
      eachLine(child.stdout!, hear);
      eachLine(child.stderr!, hear);
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      void exited.then((code) => fail(`ended with exit code ${code} before it was ready`));
    });
    return new NodeProcess(name, ready, child, exited);
  }

  /** Kills it as a power cut would. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Stops it as an operator would; after a while by force. Answers its exit code, or null if force was needed. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs);
    const code = await this.#exited;
    clearTimeout(force);
    return code;
  }
}

function readyLineOf(line: string): ReadyLine | null {
  try {
    const said = JSON.parse(line) as ReadyLine & { event?: string };
    return said.event === 'ready' ? said : null;
  } catch {
    return null;
  }
}

function eachLine(stream: NodeJS.ReadableStream, hear: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) hear(line);
  });
}
