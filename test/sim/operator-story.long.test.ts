import { expect, it } from 'vitest';
import { runOperatorStory } from './operator-story.ts';

const seeds = 600;
const first = 10_000;

it(`P01 whatever operation is aborted, resumed, forced and crashed through, nobody is pending at rest, over ${seeds} seeds`, () => {
  const outcomes = new Map<string, number>();
  let interruptions = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const told = runOperatorStory(seed);
    interruptions += told.interruptions;
    for (const outcome of told.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const words = [...outcomes].map(([outcome, times]) => `${times} ${outcome}`).join(', ');
  console.log(`${seeds} seeds from ${first}: ${interruptions} interruptions; operations came to ${words}`);
  for (const outcome of ['end', 'abort', 'remove']) expect(outcomes.get(outcome)).toBeGreaterThan(seeds / 20);
});
