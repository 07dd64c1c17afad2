import { expect, it, onTestFinished } from 'vitest';
import { toldStory } from './kv-story.ts';

it('a key-value store of real processes misses acknowledged writes when two nodes join and the steps of that wait for nobody', {
  timeout: 180_000,
}, async () => {
  const result = await toldStory({ seed: 7, plan: ['joinTwo'], nodes: 3, barriers: false }, onTestFinished);
  expect(result.missed.length + result.lost.length, result.lines.join('\n')).toBeGreaterThan(0);
});
