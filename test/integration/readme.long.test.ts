import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { Daemon, fastGossip, freshDirectory } from './processes.ts';

/*
 * Runs README.md from top to bottom. By their tags its blocks are:
 *
 *   console  commands after `$ `, each followed by what it prints. `node bin/murmurd.js … &` is a job that stays up, and is
 *            waited for; `kill -9 %N` kills the Nth job; all else runs in a shell. A line `…` stands for any lines.
 *   ts       a module that is type-checked, compiled and run. A `text` block behind it is what it prints.
 *   sh       the two commands of the set-up: not run (they would replace node_modules), only compared with the scripts.
 *
 * The README's ports are exchanged for free ones. Of what is printed the shape counts: ids, hashes, addresses and numbers
 * differ from run to run, and so do the widths of columns. What is shown may take a moment to come true.
 */

const root = resolve(import.meta.dirname, '../..');
const withinMs = 12_000;

interface Block {
  readonly tag: string;
  readonly line: number;
  readonly text: string;
}

const blocks: readonly Block[] = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms),
].map((match) => ({ tag: match[1]!, text: match[2]!, line: match.input.slice(0, match.index).split('\n').length }));

/** The commands of a console block, each with the lines that it prints. */
function commandsOf(block: Block): { readonly command: string; readonly printed: string }[] {
  return block.text
    .split(/^\$ /m)
    .slice(1)
    .map((each) => ({
      command: each.slice(0, each.indexOf('\n')),
      printed: each.slice(each.indexOf('\n') + 1),
    }));
}

const shapeOf = (text: string): string =>
  text
    .replace(/\b127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\b([0-9a-f]{32}|[0-9a-f]{16})\b/g, 'HASH')
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/-?\d+(\.\d+)?/g, 'N')
    .replace(/ +/g, ' ')
    // On a busy machine a node may say that it serves late.
    .replace(/^Note:.* is overloaded:.*\n/gm, '')
    .replaceAll('"mode":"overloaded"', '"mode":"ok"')
    // Two that come at once may join in one step.
    .replace(/(UUID \(N tokens\))(, UUID \(N tokens\))+/g, '$1')
    // Nodes stand in the order of their host ids.
    .replace(/^(?:[UD?][NLJM] .*\n?)+/gm, (rows) => rows.split('\n').sort().join('\n'))
    .trim();

function matches(got: string, shown: string): boolean {
  const pattern = shapeOf(shown)
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').trim());
  return new RegExp(`^${pattern.join('[^]*')}$`).test(shapeOf(got));
}

/** Runs a command to its end; what it says on both streams. */
function run(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((done) => {
    const child = spawn('sh', ['-c', command], { cwd, env: { PATH: process.env.PATH ?? '', ...env } });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    child.once('close', () => done(said));
  });
}

async function expectOutput(where: string, shown: string, attempt: () => Promise<string>): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  let got = await attempt();
  while (!matches(got, shown) && performance.now() < deadlineMs) {
    await new Promise((wait) => setTimeout(wait, 300));
    got = await attempt();
  }
  if (!matches(got, shown)) expect(shapeOf(got), where).toBe(shapeOf(shown));
}

/** A directory that looks like the repository to commands and modules, with the README's modules compiled. */
async function checkout(): Promise<string> {
  const directory = await freshDirectory();
  symlinkSync(join(root, 'bin'), join(directory, 'bin'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/murmuring'));
  symlinkSync(join(root, 'node_modules/@types'), join(directory, 'node_modules/@types'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const modules = blocks.filter(({ tag }) => tag === 'ts').map((block) => `line-${block.line}.ts`);
  for (const block of blocks)
    if (block.tag === 'ts') writeFileSync(join(directory, `line-${block.line}.ts`), block.text);
  const tsc = `'${process.execPath}' '${join(root, 'node_modules/typescript/bin/tsc')}'`;
  const options = '--strict --skipLibCheck --target es2022 --module nodenext --types node';
  expect(await run(`${tsc} ${options} ${modules.join(' ')}`, directory, {}), 'type errors').toBe('');
  return directory;
}

it('README.md shows commands that work, and what they print', { timeout: 180_000 }, async () => {
  const directory = await checkout();
  const jobs: Daemon[] = [];
  /** README port → the port that stands for it. What is not there yet is chosen by the node that listens. */
  const ports = new Map<string, string>();
  const real = (text: string): string =>
    text.replace(/127\.0\.0\.1:(\d+)/g, (_, port: string) => `127.0.0.1:${ports.get(port) ?? '0'}`);
  const portOf = (flag: string, args: string, byDefault: string): string =>
    new RegExp(`${flag} \\S+:(\\d+)`).exec(args)?.[1] ?? byDefault;

  let ready = Promise.resolve();
  const startJob = async (flags: string): Promise<void> => {
    if (!ports.has(portOf('--seeds', flags, '7600'))) await ready;
    const args = real(flags).replace('--data ', `--data ${directory}/`).split(' ');
    const job = new Daemon(args, { MURMURING_LISTEN: '127.0.0.1:0', MURMURING_HTTP: '127.0.0.1:0', ...fastGossip });
    jobs.push(job);
    const before = ready;
    ready = job.ready().then(async ({ gossipAddress, httpAddress }) => {
      ports.set(portOf('--listen', flags, '7600'), gossipAddress.split(':')[1]!);
      ports.set(portOf('--http', flags, '7601'), httpAddress.split(':')[1]!);
      await before;
    });
  };

  for (const [index, block] of blocks.entries()) {
    if (block.tag === 'console') {
      for (const { command, printed } of commandsOf(block)) {
        const where = `README.md line ${block.line}: ${command}`;
        const job = /^node bin\/murmurd\.js (.*?) > n\d\.log &$/.exec(command);
        const kill = /^kill -9 %(\d)$/.exec(command);
        if (job !== null) {
          await startJob(job[1]!);
          continue;
        }
        await ready;
        if (kill !== null) await jobs[Number(kill[1]) - 1]!.crash();
        else {
          const env = { RINGCTL_HTTP: real('http://127.0.0.1:7601') };
          await expectOutput(where, printed, () => run(real(command), directory, env));
        }
      }
    }
    if (block.tag === 'ts') {
      const compiled = join(directory, `line-${block.line}.js`);
      writeFileSync(compiled, real(readFileSync(compiled, 'utf8')));
      const shown = blocks[index + 1]!;
      expect(shown.tag, `what README.md line ${block.line} prints`).toBe('text');
      const where = `README.md line ${block.line}`;
      await expectOutput(where, shown.text, () => run(`'${process.execPath}' ${compiled}`, directory, {}));
    }
  }
  await ready;
  // Nothing above passed because there was nothing to run.
  expect(jobs).toHaveLength(4);
  expect(blocks.filter(({ tag }) => tag === 'ts')).toHaveLength(2);
});

it('README.md names the two commands as they are, and .ci/run uses the second', () => {
  const setUp = blocks.filter(({ tag }) => tag === 'sh').map(({ text }) => text.trim());
  expect(setUp).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
  expect(readFileSync(join(root, '.ci/run'), 'utf8')).toMatch(/^npm ci && npm test$/m);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'test:all', 'build']));
});
