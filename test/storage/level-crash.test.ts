import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import type { StoredState } from '../../src/node/store-record.ts';
import { LevelStore } from '../../src/storage/level-store.ts';

const root = mkdtempSync(join(tmpdir(), 'murmuring-crash-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Lets a writer run until it has said so many lines, kills it with SIGKILL, and returns the last line. */
async function killedAfter(lines: number, directory: string, mode: 'commit' | 'save'): Promise<number> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'crash-writer.js'), directory, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = 0;
  let said = 0;
  for await (const line of createInterface(writer.stdout)) {
    last = Number(line);
    if (++said === lines) writer.kill('SIGKILL');
  }
  if (said < lines) throw new Error(`the writer ended by itself after ${said} lines`);
  return last;
}

async function stateOf(directory: string): Promise<StoredState> {
  const store = await LevelStore.open(directory, { clusterName: 'flock' });
  const state = await store.load();
  await store.close();
  return state;
}

describe('a process that is killed with SIGKILL', () => {
  const kills = 4;

  it(`leaves every acknowledged commit, and whole batches only, ${kills} times over`, async () => {
    const directory = join(root, 'commits');
    const random = new SeededRandom(0x51c7);
    for (let kill = 0; kill < kills; kill++) {
      const acknowledged = await killedAfter(1 + random.below(40), directory, 'commit');
      const { identity, acceptor, peers } = await stateOf(directory);
      expect(identity!.generation).toBeGreaterThanOrEqual(acknowledged);
      expect(acceptor!.commitNumber).toBe(identity!.generation);
      expect(peers[0]!.lastSeenMs).toBeGreaterThanOrEqual(identity!.generation);
    }
  });

  it('leaves what was saved a second before', async () => {
    const directory = join(root, 'saves');
    await killedAfter(1, directory, 'save');
    expect((await stateOf(directory)).peers).toHaveLength(1);
  });
});
