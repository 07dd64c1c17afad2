import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StoryOptions, type StoryResult, tellStory } from '../apps/kv-story/story.ts';

export interface ToldStory extends StoryResult {
  /** What happened, for a failure to show. */
  readonly lines: readonly string[];
}

const common = { seconds: 60, tokens: 4, gossipDelayMs: 5_000 } as const;

/** Tells a story whose processes and files are gone when the test is over. Throws, with what happened, where it breaks off. */
export async function toldStory(
  options: Pick<StoryOptions, 'seed' | 'plan' | 'nodes' | 'barriers'> &
    Partial<Pick<StoryOptions, 'seconds' | 'tokens'>>,
  onTestFinished: (cleanup: () => Promise<void>) => void,
): Promise<ToldStory> {
  const directory = await mkdtemp(join(tmpdir(), 'murmuring-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const lines: string[] = [];
  try {
    const result = await tellStory({ ...common, ...options, directory, tell: (line) => void lines.push(line) });
    return { ...result, lines };
  } catch (error) {
    throw new Error([(error as Error).message, ...lines].join('\n'), { cause: error });
  }
}
