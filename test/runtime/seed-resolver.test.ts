import { describe, expect, it } from 'vitest';
import type { Seed } from '../../src/node/core-io.ts';
import { fixedSeeds, SeedResolver } from '../../src/runtime/seed-resolver.ts';

async function resolve(names: readonly string[], answers: Record<string, readonly string[]>): Promise<readonly Seed[]> {
  let told: readonly Seed[] = [];
  const lookUp = async (host: string): Promise<readonly string[]> => {
    const found = answers[host];
    if (found === undefined) throw new Error(`no such host: ${host}`);
    return found;
  };
  const resolver = new SeedResolver(
    fixedSeeds(names),
    (seeds) => {
      told = seeds;
    },
    lookUp,
  );
  await resolver.look();
  resolver.stop();
  return told;
}

describe('a seed resolver', () => {
  it('tells addresses as they are, and a name with the address it leads to', async () => {
    expect(await resolve(['10.0.0.1:7600', '[::1]:7600', 'a.example:7600'], { 'a.example': ['10.0.0.2'] })).toEqual([
      { name: '10.0.0.1:7600', literal: true, addresses: ['10.0.0.1:7600'] },
      { name: '[::1]:7600', literal: true, addresses: ['[::1]:7600'] },
      { name: 'a.example:7600', literal: true, addresses: ['10.0.0.2:7600'] },
    ]);
  });

  it('tells a name that does not resolve as silent, so that people see whom the node waits for', async () => {
    expect(await resolve(['gone.example:7600'], {})).toEqual([
      { name: 'gone.example:7600', literal: true, addresses: [] },
    ]);
  });

  it('takes a name that leads to several hosts for a directory, by which nobody founds', async () => {
    const [seed] = await resolve(['ring.example:7600'], { 'ring.example': ['10.0.0.1', '10.0.0.2'] });
    expect(seed).toEqual({ name: 'ring.example:7600', literal: false, addresses: ['10.0.0.1:7600', '10.0.0.2:7600'] });
  });

  it('takes localhost for one host, whatever its families', async () => {
    const [seed] = await resolve(['localhost:7600'], { localhost: ['::1', '127.0.0.1'] });
    expect(seed).toEqual({ name: 'localhost:7600', literal: true, addresses: ['127.0.0.1:7600'] });
  });
});
