import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LogWriter } from '../../src/daemon/log-writer.ts';

function opened(path: string): LogWriter {
  const fd = openSync(path, 'w');
  onTestFinished(() => closeSync(fd));
  return new LogWriter(fd);
}

describe('the log writer', () => {
  it('writes every line in order, off the loop or at the end', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'murmuring-log-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'log');
    const writer = opened(path);
    const lines = Array.from({ length: 1_000 }, (_, n) => `line ${n}\n`);
    for (const line of lines.slice(0, 500)) writer.write(line);
    while (readFileSync(path, 'utf8') !== lines.slice(0, 500).join('')) await new Promise(setImmediate);
    writer.write(lines[500]!);
    await new Promise(setImmediate);
    while (readFileSync(path, 'utf8') !== lines.slice(0, 501).join('')) await new Promise(setImmediate);
    await new Promise(setImmediate);
    for (const line of lines.slice(501)) writer.write(line);
    writer.flush();
    while (readFileSync(path, 'utf8').length < lines.join('').length) await new Promise(setImmediate);
    expect(readFileSync(path, 'utf8').split('\n').sort()).toEqual(lines.join('').split('\n').sort());
  });

  it.runIf(process.platform === 'linux')('loses what a full disk does not take, throws nothing, and ends', async () => {
    const writer = opened('/dev/full');
    for (let n = 0; n < 100; n++) {
      writer.write(`line ${n}\n`);
      await new Promise(setImmediate);
    }
    writer.write('the last one\n');
    expect(() => writer.flush()).not.toThrow();
  });
});
