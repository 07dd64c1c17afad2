import childProcess, { type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { eachLine } from '../../src/daemon/command-output.ts';
import { movementCommand, movementCommandPath, progressOf } from '../../src/daemon/movement-command.ts';
import type { MovementTask } from '../../src/runtime/range-movement-handler.ts';

const host = { address: '10.0.0.1:7600', httpAddress: null, datacenter: 'dc1', rack: 'r1', states: { port: '9042' } };
const movement: MovementTask = {
  id: 'm1',
  operationId: 'op',
  operation: 'replace',
  role: 'gain',
  keyspace: 'ks',
  ranges: [{ left: -9_000_000_000_000_000_000n, right: 7n }],
  sources: [{ hostId: 'h1', ...host }],
  targets: [{ hostId: 'h2', ...host }],
  epoch: 9,
  ringFingerprint: '544808ec417ca725',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'movement-command-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Runs a command for `movement` and notes what comes of it. */
async function run(path: string, abortWhen: (ratio: number) => boolean = () => false, killAfterMs?: number) {
  const controller = new AbortController();
  const progress: number[] = [];
  const logged: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line).msg) });
  const outcome = await Promise.resolve(
    movementCommand(
      path,
      logger,
      killAfterMs,
    )(movement, {
      signal: controller.signal,
      progress: (ratio) => {
        progress.push(ratio);
        if (abortWhen(ratio)) controller.abort();
      },
    }),
  ).then(
    () => 'done',
    (error: Error) => error.message,
  );
  return { outcome, progress, logged };
}

/** A zombie that nobody has waited for yet runs no more. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return existsSync(`/proc/${pid}/stat`) ? !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) : true;
}

describe('a movement command', () => {
  it('gets the movement as JSON, tells progress in either form, and is done with exit code 0', async () => {
    const seen = join(folder, 'seen.json');
    const path = script('good', `cat > ${seen}; echo '{"progress":0.25}'; echo 60%; echo copied 7 rows`);
    expect(await run(path)).toEqual({ outcome: 'done', progress: [0.25, 0.6], logged: ['copied 7 rows'] });
    expect(JSON.parse(readFileSync(seen, 'utf8'))).toEqual({
      ...movement,
      ranges: [{ startToken: '-9000000000000000000', endToken: '7' }],
    });
  });

  it('fails with its exit code and its last words, also if it never reads its input', async () => {
    const path = script('bad', 'echo first >&2; echo no space left >&2; exit 3');
    const { outcome, logged } = await run(path);
    expect(outcome).toBe(`${path} ended with exit code 3: no space left`);
    expect(logged).toEqual(['first', 'no space left']);
  });

  it('is ended with all that it started when the movement is cancelled', async () => {
    const child = join(folder, 'child');
    const path = script('slow', `sleep 30 & echo $! > ${child}; echo 10%; wait`);
    const { outcome } = await run(path, (ratio) => ratio === 0.1);
    expect(outcome).toBe(`${path} was killed by SIGTERM`);
    const pid = Number(readFileSync(child, 'utf8'));
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 10_000 });
  });

  it('is over when it has ended, although what it left behind holds its output open', async () => {
    const late = join(folder, 'late');
    const path = script('forking', `(sleep 20; touch ${late}) & echo copied`);
    expect(await run(path)).toMatchObject({ outcome: 'done', logged: ['copied'] });
    expect(existsSync(late)).toBe(false);
  });

  it('that is cancelled is over when all that it started has ended, which has its time to clean up', async () => {
    const cleaned = join(folder, 'cleaned');
    const child = `trap 'sleep 0.3; touch ${cleaned}; exit' TERM; echo 10%; exec > /dev/null 2>&1; while :; do sleep 0.05; done`;
    const path = script('cleaning', `(${child}) & wait`);
    const { outcome } = await run(path, () => true);
    expect(outcome).toBe(`${path} was killed by SIGTERM`);
    expect(existsSync(cleaned)).toBe(true);
  });

  it('that is cancelled leaves nobody behind who does not heed SIGTERM', async () => {
    const pidFile = join(folder, 'pid');
    const child = `trap '' TERM; echo 10%; exec > /dev/null 2>&1; sleep 60`;
    const path = script('stubborn', `(${child}) & echo $! > ${pidFile}; wait`);
    await run(path, () => true, 200);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('that talks without end fills neither the log nor the time of the node', async () => {
    const { outcome, logged } = await run(script('talking', 'seq 1 100000'));
    expect(outcome).toBe('done');
    const leftOut = logged.flatMap((line) => /^(\d+) lines of its output were left out/.exec(line)?.[1] ?? []);
    expect(logged.length).toBeLessThan(20_000);
    expect(logged.length - leftOut.length + leftOut.reduce((sum, count) => sum + Number(count), 0)).toBe(100_000);
  });

  it('is read a piece at a time, so that others have their turn of the loop between', async () => {
    const output = new PassThrough();
    const taken: string[] = [];
    eachLine(output, (line) => taken.push(line));
    for (let piece = 0; piece < 5; piece++) output.write(`line ${piece}\n`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken.length).toBeLessThan(4);
    await expect.poll(() => taken).toHaveLength(5);
  });

  it('that cannot be started for want of files is a failure, not a crash', async () => {
    // As node does it then: no pipes, and the error a moment later.
    const spawn = vi.spyOn(childProcess, 'spawn').mockImplementation(() => {
      const child = new EventEmitter();
      process.nextTick(() => child.emit('error', new Error('spawn EMFILE')));
      return child as ChildProcess;
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      spawn.mockRestore();
      syncBuiltinESMExports();
    });
    expect((await run(script('unlucky', 'true'))).outcome).toBe('spawn EMFILE');
  });

  it('that vanished is a failure, not a crash', async () => {
    expect((await run(join(folder, 'nowhere'))).outcome).toMatch(/ENOENT/);
  });

  it('must be a file that may be executed', () => {
    const plain = join(folder, 'plain.txt');
    writeFileSync(plain, '');
    chmodSync(plain, 0o644);
    for (const value of [plain, folder, join(folder, 'nowhere'), '', 7, ['a']]) {
      expect(() => movementCommandPath(value)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
    }
    expect(movementCommandPath(script('fine', 'true'))).toBe(join(folder, 'fine'));
  });

  it('tells progress by lines that are nothing else', () => {
    expect(['100%', ' 7.5 % ', '{"progress":1}'].map(progressOf)).toEqual([1, 0.075, 1]);
    expect(['40% of it', '{"progress":"1"}', '{', '', '1000%'].map(progressOf)).toEqual([null, null, null, null, null]);
  });
});
