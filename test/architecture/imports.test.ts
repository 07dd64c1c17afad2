import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../../src');

/** Who may import whom: the house of the design. A folder may always import itself. */
const allowed: Record<string, readonly string[]> = {
  base: [],
  token: ['base'],
  ring: ['base', 'token'],
  epoch: ['base', 'token'],
  gossip: ['base', 'token'],
  detector: ['base', 'token'],
  schema: ['base', 'token'],
  lifecycle: ['base', 'token', 'ring', 'epoch', 'gossip'],
  node: ['base', 'token', 'ring', 'epoch', 'gossip', 'detector', 'schema', 'lifecycle'],
  wire: ['base', 'token', 'epoch', 'gossip', 'schema', 'lifecycle', 'node'],
  storage: ['base', 'token', 'epoch', 'gossip', 'schema', 'lifecycle', 'node'],
  transport: ['base', 'wire', 'node'],
  api: ['base', 'token', 'ring'],
  client: ['base', 'token', 'ring', 'api'],
  http: ['base', 'token', 'ring', 'api'],
  sim: ['base', 'token', 'ring', 'epoch', 'gossip', 'detector', 'schema', 'lifecycle', 'node', 'wire', 'storage'],
  runtime: [
    'base',
    'token',
    'ring',
    'epoch',
    'gossip',
    'detector',
    'schema',
    'lifecycle',
    'node',
    'wire',
    'transport',
    'storage',
    'api',
    'http',
  ],
  daemon: ['base', 'token', 'api', 'runtime', 'http'],
  cli: ['base', 'token', 'ring', 'api', 'sim'],
  demo: ['base', 'token', 'ring', 'api', 'client'],
};

/** Folders that are pure: no npm package, no `node:*` (hashing excepted), no async, no clock, no chance, no output. */
const pure = ['base', 'token', 'ring', 'epoch', 'gossip', 'detector', 'schema', 'lifecycle', 'node'];
const pureMayImport = ['node:crypto', 'murmurhash3js-revisited'];
const impure = [
  /\basync\b/,
  /\bawait\b/,
  /\bPromise\b/,
  /\bDate\b/,
  /\bMath\.random\b/,
  /\bsetTimeout\b/,
  /\bsetInterval\b/,
  /\bsetImmediate\b/,
  /\bprocess\b/,
  /\bconsole\b/,
  /\bperformance\b/,
];

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : path.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*'([^']+)'|import\('([^']+)'\)/g)].map(
    (match) => match[1] ?? match[2]!,
  );
}

const withoutComments = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/`(?:[^`\\]|\\.)*`/g, '``');

const files = filesUnder(src).map((path) => {
  const text = readFileSync(path, 'utf8');
  return {
    path,
    name: relative(src, path),
    folder: relative(src, path).split('/')[0]!,
    text,
    imports: importsOf(text),
  };
});

describe('the house', () => {
  it('lets every folder import only what the design allows', () => {
    const wrong: string[] = [];
    for (const file of files) {
      for (const imported of file.imports.filter((name) => name.startsWith('.'))) {
        const target = relative(src, resolve(dirname(file.path), imported)).split('/')[0]!;
        if (target !== file.folder && !allowed[file.folder]?.includes(target)) wrong.push(`${file.name} → ${imported}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has no import cycle, type imports included', () => {
    const graph = new Map(
      files.map((file) => [
        file.path,
        file.imports.filter((name) => name.startsWith('.')).map((name) => resolve(dirname(file.path), name)),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const walk = (path: string, trail: string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].map((each) => relative(src, each)).join(' → '));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) walk(path, []);
    expect(cycles).toEqual([]);
  });

  it('keeps everything up to node/ pure', () => {
    const wrong: string[] = [];
    for (const file of files.filter((each) => pure.includes(each.folder))) {
      for (const name of file.imports) {
        if (!name.startsWith('.') && !pureMayImport.includes(name)) wrong.push(`${file.name} imports ${name}`);
      }
      for (const pattern of impure) {
        if (pattern.test(withoutComments(file.text))) wrong.push(`${file.name} uses ${pattern.source}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('keeps every file at or under 300 lines, so that one file stays one idea', () => {
    const long = files
      .map((file) => ({ name: file.name, lines: file.text.split('\n').length - 1 }))
      .filter((f) => f.lines > 300);
    expect(long).toEqual([]);
  });

  it('imports every folder from a rule of this test', () => {
    expect([...new Set(files.map((file) => file.folder))].filter((folder) => !(folder in allowed))).toEqual([]);
  });
});
