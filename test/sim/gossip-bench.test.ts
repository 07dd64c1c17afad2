import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Condition, runEndurance } from '../../bench/gossip/endurance.ts';
import type { Part } from '../../bench/gossip/part.ts';
import { Results } from '../../bench/gossip/results.ts';
import { measure } from '../../bench/gossip/schedule.ts';
import type { Workers } from '../../bench/gossip/workers.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gossip-bench-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const part: Part = { name: 'a part', nodes: 3, seeds: 2, run: () => null, figures: () => [] };

/** One run of the bench, in which the worlds of these seeds throw. */
async function bench(throwing: readonly number[]): Promise<readonly string[]> {
  const run: Workers['run'] = async ({ seed }) => {
    if (throwing.includes(seed)) throw new Error(`seed ${seed}: no rest\n    at some line`);
    return { tookMs: 1, sample: seed };
  };
  const workers = { run, count: 1, stop: () => {} } as unknown as Workers;
  const options = { parts: [part], seeds: null, budgetMs: 1_000, clockMs: () => 0, revision: 'r', say: () => {} };
  return measure({ ...options, workers, results: new Results(directory, false) });
}

describe('the gossip bench', () => {
  it('keeps which worlds threw, until they are made again and do not: figures of those that are left say so', async () => {
    const failed = (): string[] => new Results(directory, false).failures.map((each) => `${each.seed} ${each.failed}`);
    expect(await bench([2])).toEqual(['a part, 3 nodes, seed 2 (seed 2: no rest)']);
    expect(failed()).toEqual(['2 seed 2: no rest']);
    expect(await bench([2])).toHaveLength(1);
    expect(failed()).toEqual(['2 seed 2: no rest']);
    expect(await bench([])).toEqual([]);
    expect(failed()).toEqual([]);
    expect(new Results(directory, false).of(part).map(({ sample }) => sample)).toEqual([1, 2]);
  });

  it('counts a live node that is held for dead only while the world comes to rest after a condition', () => {
    const condition: Condition = {
      words: 'a stall at the end',
      forMs: 1_000,
      steps: [{ at: 900, do: 'stall', nodes: [0], forMs: 20_000 }],
    };
    const [sample] = runEndurance(8, 1, [condition, { words: 'nothing', forMs: 1_000 }]).conditions;
    expect(sample!.healthyDead).toBeGreaterThan(0);
    expect(sample!.agreeingShare).toBeLessThan(1);
  });
});
