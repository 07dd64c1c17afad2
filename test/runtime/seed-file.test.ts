import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Seed } from '../../src/node/core-io.ts';
import { SeedFile } from '../../src/runtime/seed-file.ts';
import { SeedResolver } from '../../src/runtime/seed-resolver.ts';

const seed = (n: number) => `10.0.0.${n}:7600`;

describe('a seed file', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'seed-file-'));
    path = join(directory, 'seeds');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('G15 reload seeds: one added, a duplicate, a disjoint list, an empty list, an unreadable file', async () => {
    const warnings: string[] = [];
    const told: (readonly Seed[])[] = [];
    const resolver = new SeedResolver(new SeedFile(path, (text) => warnings.push(text)), (seeds) => told.push(seeds));
    const look = async (text: string | null): Promise<(string | undefined)[] | null> => {
      if (text === null) rmSync(path);
      else writeFileSync(path, text);
      told.length = 0;
      await resolver.look();
      return told[0]?.map(({ addresses }) => addresses[0]) ?? null;
    };
    const first = [1, 2, 3, 4].map(seed);
    expect(await look(`# the first hosts\n${first.join('\n')}\n`)).toEqual(first);
    expect(told[0]!.every(({ literal }) => !literal)).toBe(true);
    const five = [1, 2, 3, 4, 5].map(seed);
    expect(await look(five.join(', '))).toEqual(five);
    expect(await look([...five, seed(3)].join('\n'))).toBeNull();
    const disjoint = [7, 8].map(seed);
    expect(await look(disjoint.join('\n'))).toEqual(disjoint);
    expect(warnings).toEqual([]);

    expect(await look('# nobody\n')).toBeNull();
    expect(await look('\n')).toBeNull();
    expect(warnings.splice(0)).toEqual([
      expect.stringMatching('names 0 seeds.*the seeds stay 10.0.0.7:7600, 10.0.0.8'),
    ]);
    expect(await look('10.0.0.9')).toBeNull();
    expect(warnings.splice(0)).toEqual([expect.stringContaining(`seedsFile ${path}: address: got "10.0.0.9"`)]);
    expect(await look(null)).toBeNull();
    expect(warnings.splice(0)).toEqual([expect.stringContaining('cannot be read (ENOENT)')]);
    expect(await look(seed(9))).toEqual([seed(9)]);
    resolver.stop();
  });

  it('that never named anybody keeps no member from its start, and counts once it names somebody', async () => {
    const warnings: string[] = [];
    const told: (readonly Seed[])[] = [];
    const file = new SeedFile(path, (text) => warnings.push(text), []);
    const resolver = new SeedResolver(file, (seeds) => told.push(seeds));
    await resolver.look();
    expect([told, warnings]).toEqual([[[]], [expect.stringContaining('(ENOENT); the seeds stay none')]]);
    writeFileSync(path, seed(1));
    await resolver.look();
    expect(told[1]).toMatchObject([{ name: seed(1) }]);
    resolver.stop();
  });

  it('that never named anybody is refused, and says what to write', async () => {
    const resolver = new SeedResolver(new SeedFile(path, () => {}), () => {});
    await expect(resolver.look()).rejects.toMatchObject({ code: 'INVALID_CONFIG', details: { key: 'seedsFile' } });
    writeFileSync(path, '');
    await expect(resolver.look()).rejects.toThrow(/names 0 seeds/);
  });
});
