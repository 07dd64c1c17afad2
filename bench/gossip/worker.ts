import { partsOf } from './plan.ts';
import type { JobMessage, SampleMessage } from './workers.ts';

/** The process that makes worlds for `main.ts`. */
process.on('message', async ({ part, nodes, seed, quick }: JobMessage) => {
  const startedMs = performance.now();
  const answer = (rest: Omit<SampleMessage, 'tookMs'>): void => {
    process.send?.({ tookMs: performance.now() - startedMs, ...rest });
  };
  try {
    const found = partsOf([nodes], quick).find((each) => each.name === part && each.nodes === nodes);
    if (found === undefined) throw new Error(`no part ${part} for ${nodes} nodes`);
    answer({ sample: await found.run(seed) });
  } catch (error) {
    answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
