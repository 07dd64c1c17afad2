import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { parseContactPoint } from '../../src/client/contact-point.ts';
import { reconnectionDelayMs, reconnectionPlan } from '../../src/client/reconnection.ts';

const [a, b, c, d] = ['a:1', 'b:1', 'c:1', 'd:1'].map((text) => parseContactPoint(text)) as [
  never,
  never,
  never,
  never,
];

describe('reconnection', () => {
  it('tries contact points first, living members before dead ones, each once, the lost one last', () => {
    const members = [
      { point: c, alive: false },
      { point: b, alive: true },
      { point: d, alive: true },
    ];
    for (let seed = 0; seed < 50; seed++) {
      const plan = reconnectionPlan([a, b], members, a, new SeededRandom(seed));
      expect(plan).toEqual([b, d, c, a]);
    }
  });

  it('spreads the clients of a lost node over the members', () => {
    const members = [b, c, d].map((point) => ({ point, alive: true }));
    const firsts = new Set(
      Array.from({ length: 50 }, (_, seed) => reconnectionPlan([], members, null, new SeededRandom(seed))[0]),
    );
    expect(firsts.size).toBe(3);
  });

  it('rests longer with each round up to ten seconds, never less than half of it', () => {
    const random = new SeededRandom(1);
    for (const [rounds, ceilingMs] of [
      [1, 100],
      [2, 200],
      [5, 1_600],
      [8, 10_000],
      [10_000, 10_000],
    ] as const) {
      for (let time = 0; time < 100; time++) {
        const delayMs = reconnectionDelayMs(rounds, random);
        expect(delayMs).toBeGreaterThanOrEqual(ceilingMs / 2);
        expect(delayMs).toBeLessThanOrEqual(ceilingMs);
      }
    }
  });
});
