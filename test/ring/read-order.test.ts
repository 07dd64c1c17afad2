import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOrder } from '../../src/ring/read-order.ts';

const livenesses = ['alive', 'suspect', 'dead'] as const;
const modes = ['ok', 'overloaded', 'restarting', 'drained'] as const;
const replicas = fc
  .array(fc.record({ liveness: fc.constantFrom(...livenesses), mode: fc.constantFrom(...modes) }), { maxLength: 7 })
  .map((standings) => standings.map((standing, place) => ({ ...standing, place })));

describe('the read order', () => {
  it('is the order given while all live and serve', () => {
    const all = [1, 2, 3].map((place) => ({ place, liveness: 'alive', mode: 'ok' }) as const);
    expect(readOrder(all)).toBe(all);
  });

  it('asks who serves before the overloaded, those before who goes, then the suspect, then the dead', () => {
    const standings = [
      { liveness: 'dead', mode: 'ok' },
      { liveness: 'suspect', mode: 'ok' },
      { liveness: 'alive', mode: 'restarting' },
      { liveness: 'alive', mode: 'drained' },
      { liveness: 'alive', mode: 'overloaded' },
      { liveness: 'alive', mode: 'ok' },
    ] as const;
    expect(readOrder(standings)).toEqual([5, 4, 2, 3, 1, 0].map((place) => standings[place]));
  });

  it('leaves nobody out, keeps the order of equals, and puts none before a better one', () => {
    const rank = ({ liveness, mode }: { liveness: string; mode: string }): number =>
      liveness === 'dead' ? 4 : liveness === 'suspect' ? 3 : mode === 'ok' ? 0 : mode === 'overloaded' ? 1 : 2;
    fc.assert(
      fc.property(replicas, (given) => {
        const ordered = readOrder(given);
        expect([...ordered].sort((left, right) => left.place - right.place)).toEqual(given);
        for (let at = 1; at < ordered.length; at++) {
          const [before, after] = [ordered[at - 1]!, ordered[at]!];
          expect(rank(before) < rank(after) || (rank(before) === rank(after) && before.place < after.place)).toBe(true);
        }
      }),
    );
  });
});
