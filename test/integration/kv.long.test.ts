import { describe, expect, it, onTestFinished } from 'vitest';
import { toldStory } from './kv-story.ts';

describe('a key-value store of real processes, for minutes, with gossip late by up to 5 s', () => {
  it.each([
    { seed: 1, tokens: 4, what: 'nodes join, leave, are replaced, removed and killed' },
    { seed: 2, tokens: 1, what: 'nodes of one token move besides' },
  ])('finds every acknowledged write again while $what (seed $seed)', async ({ seed, tokens }) => {
    const result = await toldStory(
      { seed, tokens, seconds: 180, plan: null, nodes: 5, barriers: true },
      onTestFinished,
    );
    console.log(result.lines.join('\n'));
    console.log(
      `${result.acknowledged} acknowledged, ${result.lost.length} lost; ${result.missed.length} missed by readers`,
    );
    expect({ missed: result.missed, lost: result.lost }).toEqual({ missed: [], lost: [] });
    expect(result.done.size).toBeGreaterThan(2);
  });
});
