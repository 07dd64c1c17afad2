import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { runDaemon } from '../../src/daemon/run-daemon.ts';
import { startNode } from '../../src/runtime/murmuring.ts';
import { type LogLine, type ReadyLine, until } from './processes.ts';

/** murmurd with its real node, sockets and files, in the process of the test: as `Daemon`, but for what starting one costs. */
export class LocalDaemon {
  readonly log: LogLine[] = [];
  stderr = '';
  readonly exited: Promise<number>;
  readonly #signals = new EventEmitter();

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const sink = { write: (line: string) => void this.log.push(JSON.parse(line)) };
    const complain = (text: string): void => {
      this.stderr += text;
    };
    const host = {
      env,
      stdout: { write: () => {} },
      stderr: { write: complain },
      on: (signal: string, listener: (error: Error) => void) => this.#signals.on(signal, listener),
      exit: () => {},
    };
    const openLog = (level: string) => ({ logger: pino({ level }, sink), flush: () => {} });
    this.exited = runDaemon(args, host, { version: '0.0.0', start: startNode, openLog });
    onTestFinished(() => void this.stop());
  }

  /** The exit code. */
  async stop(): Promise<number> {
    if (this.#signals.listenerCount('SIGTERM') > 0) this.#signals.emit('SIGTERM');
    this.#signals.removeAllListeners('SIGTERM');
    return this.exited;
  }

  async ready(): Promise<ReadyLine> {
    const line = (): LogLine | undefined => this.log.find(({ event }) => event === 'ready');
    await until(
      () => line() !== undefined || this.stderr !== '',
      30_000,
      () => 'ready line',
    );
    if (line() === undefined) throw new Error(`murmurd was refused: ${this.stderr}`);
    return line() as ReadyLine;
  }
}
