import { describe, expect, it } from 'vitest';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import type { ExchangeStyle } from '../../src/gossip/gossip-message.ts';
import { exchange, gossiperOf, hostOf, started } from '../gossip/gossip-fixtures.ts';

/**
 * How many of `size` nodes do not know a change after each round, until all do. In a round each node opens one exchange
 * with a random other; who is told in a round tells others from the next one on, as the papers have it.
 */
function ignorantByRound(size: number, style: ExchangeStyle, seed: number): number[] {
  const random = new SeededRandom(seed);
  const setup = { style, directory: new EndpointDirectory() };
  const first = started(0, 1, setup);
  const nodes = [first, ...Array.from({ length: size - 1 }, (_, at) => gossiperOf(at + 1, setup))];
  for (const node of nodes.slice(1)) node.hold([first.self]);
  const { version } = first.self;
  const changed = first.setStates([['x:news', 'yes']]);
  expect(changed).toBeGreaterThan(version);
  const knows = (at: number): boolean => nodes[at]!.stateOf(hostOf(0))!.version === changed;
  const left: number[] = [];
  for (let ignorant = size - 1; ignorant > 0 && left.length < 100; left.push(ignorant)) {
    const before = nodes.map((_, at) => knows(at));
    const told = new Set<number>();
    for (const from of shuffle([...nodes.keys()], random)) {
      const to = (from + 1 + random.below(size - 1)) % size;
      if (before[from] === before[to]) continue;
      const unknowing = before[from] ? to : from;
      if (told.has(unknowing)) continue;
      exchange([hostOf(from), nodes[from]!], [hostOf(to), nodes[to]!]);
      if (knows(unknowing)) told.add(unknowing);
    }
    ignorant -= told.size;
  }
  return left;
}

const seeds = Array.from({ length: 12 }, (_, seed) => seed + 1);

/** Rounds until all know, and until at most a share does not: means over the seeds. */
function rounds(size: number, style: ExchangeStyle, share = 0): number {
  const all = seeds.map((seed) => ignorantByRound(size, style, seed).findIndex((left) => left <= share * size) + 1);
  expect(Math.min(...all)).toBeGreaterThan(0);
  return all.reduce((sum, each) => sum + each, 0) / all.length;
}

describe('epidemic spreading by exchanges with random peers', () => {
  it.each([
    { style: 'push' as const, perDoubling: 1 + Math.LN2 },
    { style: 'pull' as const, perDoubling: 1 },
    { style: 'pushPull' as const, perDoubling: Math.log(2) / Math.log(3) },
  ])(
    'Demers et al. 1987, section 1.3: by $style a change reaches everybody, the same number of rounds later each time they are twice as many',
    ({ style, perDoubling }) => {
      const [few, some, many] = [16, 128, 1_024].map((size) => rounds(size, style)) as [number, number, number];
      expect(Math.abs((many - few) / 6 - perDoubling)).toBeLessThan(0.3);
      // Eight times as many cost as many rounds more each time, and no multiple.
      expect(many - some).toBeLessThan(2 * (some - few));
    },
  );

  it('Pittel 1987: by push all know after log2 n + ln n rounds and a few', () => {
    const size = 1_024;
    const beyond = rounds(size, 'push') - Math.log2(size) - Math.log(size);
    expect(Math.abs(beyond)).toBeLessThan(2);
  });

  it('Demers et al. 1987, section 1.3: the ignorant shrink by e a round by push, and to their square by pull', () => {
    const size = 2_048;
    for (const [style, next] of [
      ['push', (share: number) => share * Math.exp(share - 1)],
      ['pull', (share: number) => share * share],
    ] as const) {
      for (const seed of seeds.slice(0, 3)) {
        const shares = ignorantByRound(size, style, seed).map((left) => left / size);
        for (let round = 1; round < shares.length; round++) {
          const before = shares[round - 1]!;
          // Neither while a handful know, nor while a handful do not.
          if (before > 0.9 || before < 0.1) continue;
          expect(Math.abs(shares[round]! - next(before))).toBeLessThan(0.05);
        }
      }
    }
  });

  it('Karp et al. 2000: by push-pull all know after log3 n + O(log log n) rounds, about half of those of push', () => {
    const size = 1_024;
    const both = rounds(size, 'pushPull');
    expect(both).toBeGreaterThan(Math.log(size) / Math.log(3));
    expect(both).toBeLessThan(Math.log(size) / Math.log(3) + 2 * Math.log(Math.log(size)));
    expect(rounds(size, 'push') / both).toBeGreaterThan(1.6);
  });
});
