import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { choosePeers, type PeerCandidates } from '../../src/gossip/peer-choice.ts';

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

/** How often each kind of peer was chosen in so many rounds. */
function frequency(candidates: PeerCandidates, rounds = 20_000): { live: number; unreachable: number; rounds: number } {
  const random = new SeededRandom(7);
  let [live, unreachable] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    for (const host of choosePeers(candidates, random)) host.startsWith('u') ? unreachable++ : live++;
  }
  return { live: live / rounds, unreachable: unreachable / rounds, rounds };
}

describe('the choice of peers', () => {
  it('is one live host, and an unreachable one with probability unreachable / (live + 1)', () => {
    const { live, unreachable } = frequency({ live: names('l', 9), unreachable: names('u', 3), seeds: [] });
    expect(live).toBe(1);
    expect(unreachable).toBeCloseTo(0.3, 1);
  });

  it('adds a seed when none was met, with probability seeds / all', () => {
    const { live } = frequency({ live: names('l', 10), unreachable: [], seeds: ['l0', 'l1'] });
    // Eight of ten first choices are no seed; then a seed follows with 2 / 10.
    expect(live).toBeCloseTo(1 + 0.8 * 0.2, 1);
  });

  it('always asks a seed while nobody is live, and nobody when there is nobody', () => {
    expect(frequency({ live: [], unreachable: [], seeds: ['l9'] }).live).toBe(1);
    expect(choosePeers({ live: [], unreachable: [], seeds: [] }, new SeededRandom(1))).toEqual([]);
  });

  it('names each peer once', () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 100; round++) {
      expect(choosePeers({ live: ['l0'], unreachable: [], seeds: ['l0', 'l1'] }, random).length).toBeLessThanOrEqual(2);
      expect(choosePeers({ live: [], unreachable: ['u0'], seeds: ['u0'] }, random)).toEqual(['u0']);
    }
  });
});
