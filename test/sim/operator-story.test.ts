import { expect, it } from 'vitest';
import { kinds, runOperatorStory } from './operator-story.ts';

const seeds = 12;

it(`P01 whatever operation is aborted, resumed, forced and crashed through, nobody is pending at rest and replicas are as a fresh fold has them, over ${seeds} seeds`, () => {
  const told = Array.from({ length: seeds }, (_, seed) => runOperatorStory(seed));
  expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(kinds));
  expect(told.flatMap(({ outcomes }) => outcomes).length).toBeGreaterThanOrEqual(seeds);
});
