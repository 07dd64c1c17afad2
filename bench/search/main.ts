import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runChaos } from '../../test/sim/chaos.ts';
import { type FailedSeed, searchSeeds, seedsText } from './seed-search.ts';

/**
 * `npm run sim:search [-- --seeds N --from S --minutes M]`: tells the stories of thousands of seeds (`test/sim/chaos.ts`)
 * and keeps those that fail in `test/sim/seeds.json`, whose stories `npm test` tells again. Without `--from` it begins at
 * a random seed, so that each search looks where nobody has looked yet.
 */
const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5000' },
    minutes: { type: 'string', default: '10' },
    from: { type: 'string' },
  },
});
const keep = 'test/sim/seeds.json';
/** Below it are the seeds of `npm test` and of the long tests. */
const firstUnseen = 10_000;

const seeds = wholeNumber('seeds', flags.seeds);
const budgetMs = wholeNumber('minutes', flags.minutes) * 60_000;
const from =
  flags.from === undefined ? firstUnseen + Math.floor(Math.random() * 2 ** 31) : wholeNumber('from', flags.from);
const startedMs = performance.now();
let failed = 0;
const found = searchSeeds({
  story: (seed) => runChaos(seed),
  from,
  seeds,
  mayGoOn: () => performance.now() - startedMs < budgetMs,
  told: (count, failure) => {
    if (failure !== null) {
      failed++;
      process.stdout.write(
        `FAILED: ${failure.was}\n  replay: npm run sim:search -- --from ${failure.seed} --seeds 1\n`,
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
const tookS = Math.round((performance.now() - startedMs) / 1_000);
process.stdout.write(
  `${found.seeds} seeds from ${from} in ${tookS} s: ${found.harms} harms, ${found.epochs} epochs, ${found.looks} looks at a rule, ${failed} failed\n`,
);
if (failed > 0) process.exitCode = 1;

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  process.stderr.write(`--${flag}: got ${text}, expected a whole number\n`);
  process.exit(2);
}
