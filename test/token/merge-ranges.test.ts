import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeRanges } from '../../src/token/merge-ranges.ts';
import { maxToken, minToken } from '../../src/token/token.ts';
import { rangeContains } from '../../src/token/token-range.ts';

const range = (left: bigint, right: bigint) => ({ left, right });
const edge = fc.oneof(fc.bigInt({ min: -6n, max: 6n }), fc.constantFrom(minToken, maxToken, minToken + 1n));

describe('mergeRanges', () => {
  it('joins what overlaps or touches, around the end too', () => {
    expect(mergeRanges([range(5n, 9n), range(0n, 2n), range(2n, 4n), range(8n, 12n)])).toEqual([
      range(0n, 4n),
      range(5n, 12n),
    ]);
    expect(mergeRanges([range(4n, -9n), range(-9n, -4n)])).toEqual([range(4n, -4n)]);
    expect(mergeRanges([range(4n, -9n), range(0n, 1n)])).toEqual([range(0n, 1n), range(4n, -9n)]);
  });

  it('calls the whole ring one range, however it was cut', () => {
    const whole = [range(minToken, minToken)];
    expect(mergeRanges([range(3n, 3n)])).toEqual(whole);
    expect(mergeRanges([range(1n, 7n), range(7n, 1n)])).toEqual(whole);
    expect(mergeRanges([])).toEqual([]);
  });

  it('holds the tokens that the given ranges hold, and no two of its own touch', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(edge, edge), { maxLength: 5 }), (pairs) => {
        const ranges = pairs.map(([left, right]) => range(left, right));
        const merged = mergeRanges(ranges);
        const tokens = [
          minToken + 1n,
          minToken + 2n,
          maxToken,
          maxToken - 1n,
          ...Array.from({ length: 15 }, (_, n) => BigInt(n - 7)),
        ];
        for (const token of tokens) {
          expect(merged.filter((each) => rangeContains(each, token))).toHaveLength(
            ranges.some((each) => rangeContains(each, token)) ? 1 : 0,
          );
        }
        if (merged.length > 1) {
          const lefts = merged.map(({ left }) => (left === minToken ? maxToken : left));
          for (const { right } of merged) expect(lefts).not.toContain(right);
        }
      }),
    );
  });
});
