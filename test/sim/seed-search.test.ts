import { describe, expect, it } from 'vitest';
import { type FailedSeed, searchSeeds, seedsText } from '../../bench/search/seed-search.ts';
import { runChaos } from './chaos.ts';

const fine = { nodes: 1, epochs: 2, harms: 3, looks: 4, healedMs: 5, ended: 6 };

describe('the search for seeds that fail', () => {
  it('tells every story, whichever fail, and says which and how', () => {
    const told: [number, FailedSeed | null][] = [];
    const found = searchSeeds({
      story: (seed) => {
        if (seed % 3 === 0) throw new Error(`seed ${seed} broke`);
        return fine;
      },
      counted: ['harms', 'epochs', 'looks'],
      from: 5,
      seeds: 4,
      mayGoOn: () => true,
      told: (seeds, failure) => told.push([seeds, failure]),
    });
    const failure = { seed: 6, was: 'seed 6 broke' };
    expect(found).toEqual({ seeds: 4, sums: { harms: 9, epochs: 6, looks: 12 }, failures: [failure] });
    expect(told.map(([seeds, each]) => [seeds, each?.seed])).toEqual([
      [1, undefined],
      [2, 6],
      [3, undefined],
      [4, undefined],
    ]);
  });

  it('ends when its time is up', () => {
    let left = 2;
    const found = searchSeeds({
      story: () => fine,
      counted: [],
      from: 1,
      seeds: 9,
      mayGoOn: () => left-- > 0,
      told: () => {},
    });
    expect(found.seeds).toBe(2);
  });

  it('keeps what failed beside what failed before, each seed once, in the format that the tests read', () => {
    const kept = [{ seed: 1, was: 'a "lost" record' }];
    const text = seedsText(kept, [
      { seed: 1, was: 'again' },
      { seed: 2, was: 'new' },
    ])!;
    expect(JSON.parse(text)).toEqual([...kept, { seed: 2, was: 'new' }]);
    expect(seedsText(JSON.parse(text) as FailedSeed[], kept)).toBeNull();
  });

  it('finds a fault in the production code, and the same again when the seed is replayed', () => {
    const found = (from: number, seeds: number) =>
      searchSeeds({
        story: (seed) =>
          runChaos(seed, [
            {
              rule: 'no ring reaches its sixth epoch',
              look: ({ reader }) => ((reader.register.state?.epoch ?? 0) < 6 ? null : 'one has'),
            },
          ]),
        counted: [],
        from,
        seeds,
        mayGoOn: () => true,
        told: () => {},
      }).failures;
    const [first] = found(0, 12);
    expect(first!.was).toMatch(
      new RegExp(`^seed ${first!.seed} at \\d+ ms, .*: no ring reaches its sixth epoch, but one has`),
    );
    expect(found(first!.seed, 1)).toEqual([first]);
  });
});
