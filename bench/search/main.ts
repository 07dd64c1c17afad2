import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runChaos } from '../../test/sim/chaos.ts';
import { runQuorumStory } from '../../test/sim/quorum-story.ts';
import { type Counts, type FailedSeed, searchSeeds, seedsText } from './seed-search.ts';

/** A story that seeds decide, and where those of its seeds that failed are kept. */
interface Story {
  readonly tell: (seed: number) => Counts<string>;
  readonly counted: readonly string[];
  readonly keep: string;
}

const stories: Readonly<Record<string, Story>> = {
  chaos: {
    tell: (seed) => ({ ...runChaos(seed) }),
    counted: ['harms', 'epochs', 'looks'],
    keep: 'test/sim/seeds.json',
  },
  ring: {
    tell: (seed) => ({ ...runChaos(seed, undefined, true) }),
    counted: ['harms', 'epochs', 'looks', 'ended'],
    keep: 'test/sim/ring-seeds.json',
  },
  quorum: {
    tell: (seed) => ({ ...runQuorumStory(seed) }),
    counted: ['writes', 'reads', 'refused', 'movements', 'epochs'],
    keep: 'test/sim/quorum-seeds.json',
  },
};

/**
 * `npm run sim:search [-- --story chaos|ring|quorum --seeds N --from S --minutes M]`: tells the stories of thousands of
 * seeds (`test/sim/chaos.ts`, without operators and with some who change the ring, and `test/sim/quorum-story.ts`) and keeps
 * those that fail in a file, whose stories `npm test` tells again. Without `--from` it begins at a random seed, so that each
 * search looks where nobody has looked yet.
 */
const { values: flags } = parseArgs({
  options: {
    story: { type: 'string', default: 'chaos' },
    seeds: { type: 'string', default: '5000' },
    minutes: { type: 'string', default: '10' },
    from: { type: 'string' },
  },
});
/** Below it are the seeds of `npm test` and of the long tests. */
const firstUnseen = 10_000;

const story = stories[flags.story];
if (story === undefined) {
  process.stderr.write(`--story: got ${flags.story}, expected one of ${Object.keys(stories).join(', ')}\n`);
  process.exit(2);
}
const { tell, counted, keep } = story;
const seeds = wholeNumber('seeds', flags.seeds);
const budgetMs = wholeNumber('minutes', flags.minutes) * 60_000;
const from =
  flags.from === undefined ? firstUnseen + Math.floor(Math.random() * 2 ** 31) : wholeNumber('from', flags.from);
const startedMs = performance.now();
let failed = 0;
const found = searchSeeds({
  story: tell,
  counted,
  from,
  seeds,
  mayGoOn: () => performance.now() - startedMs < budgetMs,
  told: (count, failure) => {
    if (failure !== null) {
      failed++;
      process.stdout.write(
        `FAILED: ${failure.was}\n  replay: npm run sim:search -- --story ${flags.story} --from ${failure.seed} --seeds 1\n`,
      );
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${count} of ${seeds} seeds, ${failed} failed`);
  },
});
if (process.stderr.isTTY) process.stderr.write('\n');

const text = seedsText(JSON.parse(readFileSync(keep, 'utf8')) as FailedSeed[], found.failures);
if (text !== null) {
  writeFileSync(keep, text);
  process.stdout.write(`kept in ${keep}: once the fault is fixed, write there what it was\n`);
}
const cpu = process.cpuUsage();
const cpuMs = Math.round((cpu.user + cpu.system) / 1_000 / Math.max(1, found.seeds));
const tookS = Math.round((performance.now() - startedMs) / 1_000);
const sums = counted.map((name) => `${found.sums[name]} ${name}`).join(', ');
process.stdout.write(
  `${found.seeds} seeds from ${from} in ${tookS} s (${cpuMs} ms of CPU a seed): ${sums}, ${failed} failed\n`,
);
if (failed > 0) process.exitCode = 1;

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  process.stderr.write(`--${flag}: got ${text}, expected a whole number\n`);
  process.exit(2);
}
