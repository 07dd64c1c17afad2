import { expect, it, onTestFinished } from 'vitest';
import { toldStory } from './kv-story.ts';

// What the barriers are for: without them the twin of this story, in the simulator and in the long tests, misses writes.
it('a key-value store of real processes, with gossip late by up to 5 s, finds every acknowledged write again while a node joins and another is killed in the middle', {
  timeout: 180_000,
}, async () => {
  const plan = ['joinWhileOneDies'] as const;
  const result = await toldStory({ seed: 7, plan, nodes: 3, barriers: true }, onTestFinished);
  const told = result.lines.join('\n');
  expect({ missed: result.missed, lost: result.lost }, told).toEqual({ missed: [], lost: [] });
  expect([...result.done.keys()], told).toEqual(plan);
  expect(result.acknowledged, told).toBeGreaterThan(50);
});
