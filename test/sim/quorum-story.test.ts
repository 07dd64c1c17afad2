import { describe, expect, it } from 'vitest';
import failedOnce from './quorum-seeds.json' with { type: 'json' };
import { runQuorumStory } from './quorum-story.ts';

const seeds = 12;

describe('quorum reads and writes while the ring changes, nodes crash and are cut off, and gossip is late', () => {
  it.each<{ seed: number; was: string }>(failedOnce)(
    'miss no acknowledged write with seed $seed ($was)',
    ({ seed }) => {
      expect(runQuorumStory(seed).epochs).toBeGreaterThan(1);
    },
  );

  it(`miss no acknowledged write, and the ring comes to rest, over ${seeds} seeds`, () => {
    const total = { writes: 0, reads: 0, refused: 0, movements: 0, epochs: 0 };
    for (let seed = 0; seed < seeds; seed++) {
      const told = runQuorumStory(seed);
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += told[key];
    }
    // There was something to miss: stale routes were refused, and data was moved.
    expect(total.writes).toBeGreaterThan(seeds * 20);
    expect(total.reads).toBeGreaterThan(seeds * 20);
    expect(total.refused).toBeGreaterThan(seeds);
    expect(total.movements).toBeGreaterThan(seeds);
    expect(total.epochs).toBeGreaterThan(seeds * 3);
  });

  // What each barrier is for, interleaving by interleaving: `test/ring/step-model.test.ts`.
  it.each([
    { without: 'data', barriers: { acknowledgements: true, data: false }, within: seeds },
    { without: 'acknowledgements', barriers: { acknowledgements: false, data: true }, within: 4 * seeds },
  ])(
    'miss acknowledged writes within $within seeds when the steps do not wait for $without',
    ({ barriers, within }) => {
      const untilOneFails = (): void => {
        for (let seed = 0; seed < within; seed++) runQuorumStory(seed, barriers);
      };
      expect(untilOneFails).toThrow(/a quorum read of .* found write|is lost to a quorum/);
    },
  );
});
