import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReplayWindow, replayWindowCounters } from '../../src/wire/replay-window.ts';

/** The slow, obvious twin. */
class EverySeen {
  readonly #seen = new Set<number>();
  #newest = 0;

  accept(counter: number): boolean {
    if (counter <= this.#newest - replayWindowCounters || this.#seen.has(counter)) return false;
    this.#seen.add(counter);
    this.#newest = Math.max(this.#newest, counter);
    return true;
  }
}

it('accepts each counter once, in any order, and none that is 4,096 or more behind', () => {
  const near = fc.integer({ min: 1, max: 3 * replayWindowCounters });
  const edge = fc.constantFrom(1, 2, 4_095, 4_096, 4_097, 4_098, 8_192, 8_193, 2 ** 48 - 4_096, 2 ** 48 - 1);
  fc.assert(
    fc.property(fc.array(fc.oneof(near, edge), { maxLength: 60 }), (counters) => {
      const [window, twin] = [new ReplayWindow(), new EverySeen()];
      for (const counter of counters)
        expect([counter, window.accept(counter)]).toEqual([counter, twin.accept(counter)]);
    }),
    { numRuns: 300 },
  );
});
