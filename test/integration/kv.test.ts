import { describe, it } from 'vitest';
import { type ToldStory, toldStory } from './kv-story.ts';

const told = (result: ToldStory): string => result.lines.join('\n');

// Both mostly wait for what is late, so they wait together.
describe.concurrent('a key-value store of real processes, with gossip late by up to 5 s', { timeout: 180_000 }, () => {
  it('finds every acknowledged write again while a node joins and another is killed in the middle', async ({
    onTestFinished,
    expect,
  }) => {
    const plan = ['joinWhileOneDies'] as const;
    const result = await toldStory({ seed: 7, plan, nodes: 4, barriers: true }, onTestFinished);
    expect({ missed: result.missed, lost: result.lost }, told(result)).toEqual({ missed: [], lost: [] });
    expect([...result.done.keys()], told(result)).toEqual(plan);
    expect(result.acknowledged, told(result)).toBeGreaterThan(50);
  });

  it('misses acknowledged writes when two nodes join and the steps of that wait for nobody', async ({
    onTestFinished,
    expect,
  }) => {
    const result = await toldStory({ seed: 7, plan: ['joinTwo'], nodes: 3, barriers: false }, onTestFinished);
    expect(result.missed.length + result.lost.length, told(result)).toBeGreaterThan(0);
  });
});
