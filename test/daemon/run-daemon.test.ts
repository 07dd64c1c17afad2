import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { type DaemonExitCode, type RunningNode, runDaemon } from '../../src/daemon/run-daemon.ts';
import type { NodeOptions } from '../../src/runtime/node-options.ts';

class FakeProcess extends EventEmitter {
  readonly env = {};
  readonly said: string[] = [];
  readonly complained: string[] = [];
  readonly exits: number[] = [];
  readonly logged: Record<string, unknown>[] = [];
  readonly stdout = { write: (text: string) => this.said.push(text) };
  readonly stderr = { write: (text: string) => this.complained.push(text) };

  exit(code: number): void {
    this.exits.push(code);
  }

  run(start: (options: NodeOptions) => Promise<RunningNode>, ...argv: string[]): Promise<DaemonExitCode> {
    const sink = { write: (line: string) => void this.logged.push(JSON.parse(line)) };
    const openLog = (level: string) => ({ logger: pino({ level }, sink), flush: () => {} });
    return runDaemon(['--cluster', 'flock', ...argv], this, { version: '1.2.3', start, openLog });
  }

  events(): unknown[] {
    return this.logged.map(({ event }) => event);
  }
}

/** A node that stops when told, or by itself with an error. */
function fakeNode() {
  let settle: (reason: RingError | null) => void = () => {};
  const stopped = new Promise<RingError | null>((resolve) => {
    settle = resolve;
  });
  const node = { hostId: 'h', gossipAddress: '127.0.0.1:1', httpAddress: null, stopped, stops: 0, fail: settle };
  return Object.assign(node, {
    stop: async () => {
      node.stops++;
      settle(null);
    },
  });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('murmurd', () => {
  it('says that it is ready at any log level, and stops cleanly at the first signal', async () => {
    const host = new FakeProcess();
    const node = fakeNode();
    const run = host.run(async () => node, '--log-level', 'error');
    await turn();
    expect(host.logged).toMatchObject([
      { event: 'ready', hostId: 'h', gossipAddress: '127.0.0.1:1', httpAddress: null },
    ]);
    host.emit('SIGTERM');
    expect(await run).toBe(0);
    expect(node.stops).toBeGreaterThan(0);
    expect(host.exits).toEqual([]);
    expect(host.complained).toEqual([]);
  });

  it('ends at once at the second signal', async () => {
    const host = new FakeProcess();
    const node = { ...fakeNode(), stop: () => new Promise<void>(() => {}) };
    void host.run(async () => node);
    await turn();
    host.emit('SIGINT');
    await turn();
    expect(host.exits).toEqual([]);
    host.emit('SIGTERM');
    expect(host.exits).toEqual([143]);
  });

  it('gives up joining at a signal', async () => {
    const host = new FakeProcess();
    const run = host.run(
      ({ signal }) =>
        new Promise((_, reject) =>
          signal!.addEventListener('abort', () => reject(new RingError('STOPPED', 'aborted'))),
        ),
    );
    host.emit('SIGTERM');
    expect(await run).toBe(0);
    expect(host.events()).toEqual(['stopping', 'stopped']);
    expect(host.complained).toEqual([]);
  });

  it('says in the log and in one line on standard error why it could not start', async () => {
    const host = new FakeProcess();
    const refusal = new RingError('ADDRESS_IN_USE', '127.0.0.1:7600 is in use', { hint: 'give it another port' });
    expect(await host.run(() => Promise.reject(refusal))).toBe(1);
    expect(host.complained).toEqual(['murmurd: 127.0.0.1:7600 is in use. Give it another port.\n']);
    expect(host.logged).toMatchObject([{ event: 'failed', code: 'ADDRESS_IN_USE', msg: '127.0.0.1:7600 is in use' }]);
  });

  it('ends with an error when the node stops by itself', async () => {
    const host = new FakeProcess();
    const node = fakeNode();
    const run = host.run(async () => node);
    await turn();
    node.fail(new RingError('HOST_ID_COPIED', 'two nodes run with one host id'));
    expect(await run).toBe(1);
    expect(host.complained).toEqual(['murmurd: two nodes run with one host id.\n']);
  });

  it('answers wrong usage with exit code 2, one line, and no start', async () => {
    const host = new FakeProcess();
    const start = () => Promise.reject(new Error('started'));
    expect(await host.run(start, '--tokens', '0')).toBe(2);
    expect(await host.run(start, '--frobnicate')).toBe(2);
    expect(await host.run(start, '--listen', '10.0.0.1:7600')).toBe(2);
    expect(host.complained).toHaveLength(3);
    for (const line of host.complained) expect(line).toMatch(/^murmurd: [^\n]+\n$/);
    expect(await host.run(start, '--version')).toBe(0);
    expect(host.said).toEqual(['1.2.3\n']);
    expect(host.logged).toEqual([]);
  });
});
