import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { figuresPage } from './figures-page.ts';
import { partsOf } from './plan.ts';
import { failureText, Results } from './results.ts';
import { measure } from './schedule.ts';
import { Workers } from './workers.ts';

/** `npm run bench:gossip [-- FLAGS]`: measures gossip, detection and traffic. The page it writes says how to use it. */
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    sizes: { type: 'string' },
    only: { type: 'string', default: '' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    workers: { type: 'string', default: '2' },
    results: { type: 'string' },
    out: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    render: { type: 'boolean', default: false },
  },
});
const { quick } = flags;
const startedMs = performance.now();
const clockMs = (): number => performance.now() - startedMs;
const say = (line: string): boolean => process.stderr.write(`${Math.round(clockMs() / 1_000)} s  ${line}\n`);

const sizes = (flags.sizes ?? (quick ? '100' : '100,1000,10000')).split(',').map(Number);
const isChosen = ({ name }: { name: string }): boolean => name.includes(flags.only);
const results = new Results(
  flags.results ?? (quick ? 'bench/results/quick' : 'bench/results/full'),
  flags.fresh || (quick && !flags.render),
);
const failed = flags.render
  ? []
  : await measure({
      parts: partsOf(sizes, quick).filter(isChosen),
      results,
      workers: new Workers(Number(flags.workers), quick),
      seeds: flags.seeds === undefined ? null : Number(flags.seeds),
      budgetMs: Number(flags.minutes ?? (quick ? 3 : 90)) * 60_000,
      clockMs,
      revision: revision(),
      say,
    });

// The page is of all that is there, whatever this run was asked for.
const all = partsOf(quick ? sizes : [...new Set([100, 1_000, 10_000, ...sizes])], quick);
const measured = all.filter((part) => results.of(part).length > 0);
const kept = measured.flatMap((part) => results.of(part));
const page = figuresPage(
  measured.flatMap((part) => part.figures(results.of(part).map(({ sample }) => sample))),
  {
    quick,
    workedMs: kept.reduce((sum, { tookMs }) => sum + tookMs, 0),
    revisions: [...new Set(kept.map((result) => result.revision))],
    notRun: notRun(),
    failed: results.failures.map(failureText),
  },
);
const out = flags.out ?? (quick ? 'bench/results/quick.md' : 'docs/gossip-figures.md');
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, page);
process.stdout.write(`${page}\nwritten to ${out}\n`);
if (failed.length > 0) {
  process.stderr.write(`failed: ${failed.join('; ')}\n`);
  process.exitCode = 1;
}

/** Each cell once, with the sizes that lack it. */
function notRun(): string[] {
  const sizesOf = new Map<string, number[]>();
  for (const part of all) {
    if (!measured.includes(part)) sizesOf.set(part.name, [...(sizesOf.get(part.name) ?? []), part.nodes]);
  }
  return [...sizesOf].map(([name, lacking]) => `${name} (${lacking.join(' / ')} nodes)`);
}

/** Of the sources, and whether they were changed since. */
function revision(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no', 'src', 'bench') === '' ? '' : ' and changes';
    return `${git('rev-parse', '--short', 'HEAD')}${changed}`;
  } catch {
    return 'unknown';
  }
}
