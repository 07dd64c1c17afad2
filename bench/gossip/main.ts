import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { figuresPage } from './figures-table.ts';
import { bench } from './plan.ts';

/**
 * `npm run bench:gossip [-- --quick] [-- --nodes 100,1000] [-- --out FILE]`: measures gossip, detection and traffic, and
 * writes docs/gossip-figures.md.
 */
const argv = process.argv.slice(2);
const argument = (flag: string): string | undefined => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined);
const quick = argv.includes('--quick');
const sizes = (argument('--nodes') ?? (quick ? '100,1000' : '100,1000,10000')).split(',').map(Number);
const out = argument('--out') ?? 'docs/gossip-figures.md';
const startedMs = performance.now();

const { figures, notRun } = bench({
  sizes,
  quick,
  budgetMs: (quick ? 3 : 90) * 60_000,
  clockMs: () => performance.now() - startedMs,
  say: (line) => process.stderr.write(`${Math.round((performance.now() - startedMs) / 1_000)} s  ${line}\n`),
});
mkdirSync(dirname(out), { recursive: true });
const page = figuresPage(figures, { quick, tookS: (performance.now() - startedMs) / 1_000, notRun });
writeFileSync(out, page);
process.stdout.write(page);
