import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenMap } from '../../src/ring/token-map.ts';
import { maxToken, minToken, type Token } from '../../src/token/token.ts';
import { member } from './rings.ts';

/** Spread, crowded into one bucket, and at the ends. */
const tokens = fc.oneof(
  fc.bigInt(minToken, maxToken),
  fc.bigInt(-20n, 20n),
  fc.constantFrom(minToken, minToken + 1n, maxToken),
);

const ownerOf = (map: TokenMap, token: Token) => map.members[map.ownerAt(map.indexForToken(token))]?.hostId;

describe('TokenMap', () => {
  it('finds the first token at or after any token, around the end, wherever the tokens crowd', () => {
    fc.assert(
      fc.property(fc.uniqueArray(tokens, { minLength: 1, maxLength: 50 }), fc.array(tokens), (owned, asked) => {
        const map = TokenMap.of([member('a', owned)], 1);
        const sorted = owned.toSorted((a, b) => (a < b ? -1 : 1));
        expect(Array.from({ length: map.size }, (_, index) => map.tokenAt(index))).toEqual(sorted);
        for (const token of [...asked, ...owned, ...owned.map((each) => BigInt.asIntN(64, each + 1n))]) {
          const expected = sorted.find((each) => each >= token) ?? sorted[0];
          expect(map.tokenAt(map.indexForToken(token))).toBe(expected);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('N02 ring walk: tokens 1 and 6 own what comes before them, the first again after the last', () => {
    const map = TokenMap.of([member('one', [1n]), member('six', [6n])], 1);
    expect([2n, 7n, 0n, minToken].map((token) => ownerOf(map, token))).toEqual(['six', 'one', 'one', 'one']);
    expect([1n, 6n, maxToken].map((token) => ownerOf(map, token))).toEqual(['one', 'six', 'one']);
    expect([...map.ranges()].map(({ range, owner }) => [range.left, range.right, owner.hostId])).toEqual([
      [6n, 1n, 'one'],
      [1n, 6n, 'six'],
    ]);
  });

  it('N02 ring walk: an empty map owns nothing', () => {
    for (const map of [TokenMap.of([], 1), TokenMap.of([member('observer', [])], 1)]) {
      expect([map.size, map.indexForToken(0n), [...map.ranges()], map.hostOf(0n)]).toEqual([0, -1, [], null]);
    }
  });

  it('leaves a token that two members name with the lower host id, whatever the order', () => {
    const [low, high] = [member('a', [5n, 10n]), member('b', [5n, 5n, 20n])];
    for (const members of [
      [low, high],
      [high, low],
    ]) {
      const map = TokenMap.of(members, 1);
      expect([map.size, map.hostOf(5n), map.hostOf(20n), map.hostOf(6n)]).toEqual([3, 'a', 'b', null]);
      expect(map.members.map(({ hostId }) => hostId)).toEqual(['a', 'b']);
    }
  });

  it('refuses a member given twice and a token that is none', () => {
    const bad = [
      [member('a', [1n]), member('a', [2n])],
      [member('a', [maxToken + 1n])],
      [member('a', [7 as unknown as bigint])],
    ];
    for (const members of bad) {
      expect(() => TokenMap.of(members, 1)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});
