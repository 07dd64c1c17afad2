import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { httpStatusOf } from '../src/api/http-status.ts';
import { paths } from '../src/api/paths.ts';
import { ringErrorCodes } from '../src/base/error.ts';
import { parseConfig } from '../src/daemon/config-file.ts';
import { environmentName, settings } from '../src/daemon/setting.ts';
import { nodeOptionKeys } from '../src/runtime/node-options.ts';

const root = resolve(import.meta.dirname, '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const pages = ['README.md', 'SECURITY.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

const configuration = read('docs/configuration.md');
const operations = read('docs/operations.md');
const http = read('docs/http.md');
/** The first word in backticks of each row of a page's tables. */
const rowsOf = (page: string): string[] => [...page.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]!);

describe('the documentation', () => {
  it('has a row for each setting, by flag, variable and key, and no flag that murmurd has not', () => {
    const rows = configuration.split('\n').filter((line) => line.startsWith('|'));
    const missing = settings.filter(({ key, flag }) => {
      const names = [`\`${environmentName(key)}\``, ...(flag === null ? [] : [`\`${flag.split(' ')[0]}\``])];
      if (key === 'join') return !rows.some((row) => row.includes('`--no-join`') && row.includes('`join: false`'));
      if (key !== 'config') names.push(`\`${key}\``);
      return !rows.some((row) => names.every((name) => row.includes(name)));
    });
    expect(missing.map(({ key }) => key)).toEqual([]);
    const flags = settings.flatMap(({ flag }) => (flag === null ? [] : [flag.split(' ')[0]]));
    expect(rowsOf(configuration).filter((name) => name.startsWith('--') && !flags.includes(name))).toEqual([]);
    const unnamed = nodeOptionKeys.filter((key) => key !== 'join' && !configuration.includes(`\`${key}\``));
    expect(unnamed).toEqual([]);
  });

  it('shows a configuration file that murmurd reads', () => {
    const [, yaml] = /^```yaml\n(.*?)^```$/ms.exec(configuration)!;
    expect(parseConfig(yaml!, 'docs/configuration.md').get('cluster')?.value).toBe('orders');
  });

  it('says of each error code, and of no other, what to do', () => {
    const rows = rowsOf(operations).filter((name) => /^[A-Z_]+$/.test(name));
    expect(rows).toEqual(ringErrorCodes);
  });

  it('gives each error of a request the status that it has', () => {
    const wrong = [...http.matchAll(/^\| (\d{3}) \| (.*) \|$/gm)].flatMap(([, status, codes]) =>
      [...codes!.matchAll(/`([A-Z_]+)`/g)].filter(
        ([, code]) => httpStatusOf(code as (typeof ringErrorCodes)[number]) !== Number(status),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('has each path of the HTTP API', () => {
    expect(Object.values(paths).filter((path) => !http.includes(`${path}\``))).toEqual([]);
  });

  it('links to pages that are there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#]+)\)/g)]
        .map((match) => match[1]!)
        .filter((target) => !target.startsWith('http') && !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page} → ${target}`),
    );
    expect(broken).toEqual([]);
  });
});
