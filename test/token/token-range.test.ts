import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';
import { isToken, maxToken, minToken, parseToken, ringWidth } from '../../src/token/token.ts';
import { decodeTokens, encodeTokens, maxTokensPerHost } from '../../src/token/token-list.ts';
import {
  describeOwnership,
  midpoint,
  rangeContains,
  rangeShare,
  rangeWidth,
  splitRange,
} from '../../src/token/token-range.ts';

/** Positions a node can have, the ends often. */
const tokens = fc.oneof(fc.bigInt(minToken + 1n, maxToken), fc.constantFrom(minToken + 1n, -1n, 0n, 1n, maxToken));
const ranges = fc.record({ left: tokens, right: tokens });

describe('T02 range maths', () => {
  it('T02 midpoint lies inside its range and halves it, also where it wraps', () => {
    fc.assert(
      fc.property(ranges, (range) => {
        const middle = midpoint(range);
        const width = rangeWidth(range);
        fc.pre(width > 1n);
        expect(rangeContains(range, middle)).toBe(true);
        expect(rangeWidth({ left: range.left, right: middle })).toBe(width / 2n);
      }),
    );
  });

  it.each([
    [0n, 100n, 50n],
    [maxToken - 1n, minToken + 3n, minToken + 1n],
    [5n, 5n, minToken + 5n],
    [1n, 2n, 1n],
  ])('T02 midpoint of (%d, %d] is %d', (left, right, middle) => {
    expect(midpoint({ left, right })).toBe(middle);
  });

  it('T02 split leaves the asked share on the left, also where the range wraps', () => {
    fc.assert(
      fc.property(ranges, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (range, ratio) => {
        fc.pre(rangeWidth(range) > 1_000n);
        const at = splitRange(range, ratio);
        expect(rangeContains(range, at)).toBe(true);
        const left = Number(rangeWidth({ left: range.left, right: at })) / Number(rangeWidth(range));
        expect(Math.abs(left - ratio)).toBeLessThan(0.1);
        expect(at).not.toBe(minToken);
      }),
    );
    expect(() => splitRange({ left: 0n, right: 1n }, Number.NaN)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('T02 ownership of any tokens sums to 1, of one token is 1, and of none is an error', () => {
    fc.assert(
      fc.property(fc.uniqueArray(tokens, { minLength: 1, maxLength: 60 }), (chosen) => {
        const sorted = chosen.sort((a, b) => (a < b ? -1 : 1));
        const sum = [...describeOwnership(sorted).values()].reduce((total, share) => total + share, 0);
        expect(sum).toBeCloseTo(1, 12);
      }),
    );
    expect(describeOwnership([7n])).toEqual(new Map([[7n, 1]]));
    expect(describeOwnership([-(2n ** 62n), 2n ** 62n]).get(2n ** 62n)).toBeCloseTo(0.5, 12);
    expect(() => describeOwnership([])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('T02 a range holds its right end, not its left; equal ends hold the whole ring', () => {
    expect([0n, 1n, 5n, 6n].map((token) => rangeContains({ left: 0n, right: 5n }, token))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([5n, 6n, maxToken, minToken + 1n, 0n, 1n].map((at) => rangeContains({ left: 5n, right: 0n }, at))).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(rangeContains({ left: 3n, right: 3n }, 3n)).toBe(true);
    expect(rangeWidth({ left: 3n, right: 3n })).toBe(ringWidth);
    expect(rangeWidth({ left: 5n, right: minToken })).toBe(maxToken - 5n);
    expect(rangeShare({ left: minToken, right: minToken })).toBe(1);
  });
});

describe('token texts', () => {
  it('reads back every token and refuses any other text', () => {
    fc.assert(fc.property(fc.bigInt(minToken, maxToken), (token) => parseToken(String(token)) === token));
    for (const text of [
      '',
      '+1',
      ' 1',
      '01',
      '1.0',
      '0x1',
      '-0',
      'NaN',
      String(maxToken + 1n),
      String(minToken - 1n),
    ]) {
      expect(() => parseToken(text), text).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    expect([minToken, maxToken, maxToken + 1n, minToken - 1n, 0, '0'].map(isToken)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('token lists survive encoding in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt(minToken, maxToken), { maxLength: 40 }), (list) => {
        expect(decodeTokens(encodeTokens(list))).toEqual(list);
      }),
    );
    expect(encodeTokens([1n, -1n])).toBe('AAAAAAAAAAH//////////w==');
  });

  it('refuses lists that are malformed, cut, double or too long, and takes the longest allowed', () => {
    const count = (length: number) => encodeTokens(Array.from({ length }, (_, index) => BigInt(index)));
    expect(decodeTokens(count(maxTokensPerHost))).toHaveLength(maxTokensPerHost);
    const bad = [
      count(maxTokensPerHost + 1),
      encodeTokens([4n, 4n]),
      'AAAAAAAAAAH//////////w=',
      'AAAAAAAAAAH//////////w== ',
      'AAAAAAAAAA==',
      '!!!!',
    ];
    for (const text of bad) expect(decodeTokens(text), text.slice(0, 30)).toBeNull();
  });
});

describe('randomTokens', () => {
  it('gives as many as asked, ascending, without duplicates and none that is taken', () => {
    const first = randomTokens(256, new SeededRandom(1), () => false);
    const taken = new Set(first.slice(0, 128));
    const second = randomTokens(256, new SeededRandom(1), (token) => taken.has(token));
    expect(new Set(second).size).toBe(256);
    expect([...second].sort((a, b) => (a < b ? -1 : 1))).toEqual(second);
    expect(second.some((token) => taken.has(token))).toBe(false);
    expect(second.filter((token) => first.includes(token))).toHaveLength(128);
    expect(second.every(isToken)).toBe(true);
  });

  it('never gives the minimum token', () => {
    const words = [0x80000000, 0, 0, 5];
    const random = { uint32: () => words.shift()!, fraction: () => 0, below: () => 0 };
    expect(randomTokens(1, random, () => false)).toEqual([5n]);
  });
});
