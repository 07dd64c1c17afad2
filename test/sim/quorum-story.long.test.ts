import { expect, it } from 'vitest';
import { runQuorumStory } from './quorum-story.ts';

const seeds = 1_000;
const first = 10_000;

it(`misses no acknowledged write while the ring changes, over ${seeds} seeds`, () => {
  const total = { writes: 0, reads: 0, refused: 0, movements: 0, epochs: 0 };
  for (let seed = first; seed < first + seeds; seed++) {
    const told = runQuorumStory(seed);
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += told[key];
  }
  console.log(
    `${seeds} seeds from ${first}: ${total.writes} writes, ${total.reads} reads, ${total.refused} stale requests refused, ` +
      `${total.movements} movements, ${total.epochs} epochs`,
  );
  expect(total.movements).toBeGreaterThan(seeds);
});
