import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { randomUuid } from '../../src/base/id.ts';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';
import { compareTokens, isToken, minToken } from '../../src/token/token.ts';
import { type AllocationRequest, allocateTokens, type TokenOwner } from '../../src/token/token-allocator.ts';
import { describeOwnership } from '../../src/token/token-range.ts';
import { GrowingRing } from './growing-ring.ts';

const hostId = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

function request(owners: readonly TokenOwner[], change: Partial<AllocationRequest> = {}): AllocationRequest {
  const taken = new Set(owners.flatMap(({ tokens }) => tokens));
  return {
    owners,
    newcomer: { hostId: hostId(99), rack: 'rack0' },
    count: 16,
    replicationFactor: 3,
    rackAware: true,
    isTaken: (token) => taken.has(token),
    ...change,
  };
}

const randomOwners = (count: number, racks: number): TokenOwner[] => {
  const random = new SeededRandom(count);
  return Array.from({ length: count }, (_, index) => ({
    hostId: hostId(1_000 + index),
    rack: `rack${index % racks}`,
    tokens: randomTokens(16, random, () => false),
  }));
};

describe('token allocation', () => {
  // The largest load in its rack: with racks of unequal size no choice of tokens can make the rest even.
  for (const { racks, replicationFactor, upTo24, upTo100 } of [
    { racks: 1, replicationFactor: 3, upTo24: 1.03, upTo100: 1.05 },
    { racks: 3, replicationFactor: 3, upTo24: 1.03, upTo100: 1.05 },
    { racks: 1, replicationFactor: 1, upTo24: 1.05, upTo100: 1.05 },
    { racks: 6, replicationFactor: 3, upTo24: 1.05, upTo100: 1.05 },
  ]) {
    it(`T03 allocation: ${racks} racks at RF ${replicationFactor} grow to 100 hosts, the largest share ≤ ${upTo24} of the mean up to 24 hosts, then ≤ ${upTo100}`, () => {
      const ring = new GrowingRing({ racks, replicationFactor });
      for (let hosts = 1; hosts <= 100; hosts++) {
        ring.add(16);
        if (hosts <= 24 || hosts % 5 === 0) {
          expect(ring.balance().largestInRack, `${hosts} hosts`).toBeLessThanOrEqual(hosts <= 24 ? upTo24 : upTo100);
        }
      }
    });
  }

  it('T03 allocation: the first hosts of three racks hold about as much as one another of keys with one replica, too', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const owners: TokenOwner[] = [];
      for (const rack of ['rack0', 'rack1', 'rack2']) {
        const newcomer = { hostId: randomUuid(random), rack };
        owners.push({
          ...newcomer,
          tokens: allocateTokens(request(owners, { newcomer, rackAware: owners.length > 1 })),
        });
      }
      const shares = describeOwnership(owners.flatMap(({ tokens }) => tokens).sort(compareTokens));
      for (const { tokens } of owners) {
        const share = tokens.reduce((sum, token) => sum + shares.get(token)!, 0);
        expect(share * 3, `seed ${seed}`).toBeLessThanOrEqual(1.1);
      }
    }
  });

  it('T03 allocation: a tenth leaves a ring of 100, the median of the largest shares is ≤ 1.15 of the mean, and ≤ 1.05 after as many joins', () => {
    const ring = new GrowingRing({ racks: 1, replicationFactor: 3 });
    for (let hosts = 0; hosts < 100; hosts++) ring.add(16);
    const grown = ring.owners;
    const random = new SeededRandom(1);
    const largest = Array.from({ length: 50 }, () => {
      ring.owners = grown;
      ring.leave(new Set(shuffle([...grown], random).slice(0, 10)));
      return ring.balance().largest;
    }).sort((left, right) => left - right);
    expect(largest[25]).toBeLessThanOrEqual(1.15);
    for (let joins = 0; joins < 10; joins++) ring.add(16);
    expect(ring.balance().largest).toBeLessThanOrEqual(1.05);
  });

  for (const racks of [1, 3, 5]) {
    it(`T03 allocation: one more beside ten of random tokens in ${racks} racks does not raise the deviation`, () => {
      const ring = new GrowingRing({ racks, replicationFactor: 3 });
      ring.owners = randomOwners(10, racks);
      const before = ring.balance().deviationInRack;
      ring.add(16);
      expect(ring.balance().deviationInRack).toBeLessThanOrEqual(before);
    });
  }

  it('honours unequal weights within 10 %', () => {
    const ring = new GrowingRing({ racks: 1, replicationFactor: 3 });
    for (let hosts = 0; hosts < 40; hosts++) ring.add([8, 16, 32][hosts % 3]!);
    expect(ring.balance().largest).toBeLessThanOrEqual(1.1);
    expect(ring.balance().least).toBeGreaterThanOrEqual(0.9);
  });

  it('honours unequal weights within 10 % of what is the rack’s, with a rack for each replica', () => {
    const ring = new GrowingRing({ racks: 3, replicationFactor: 3 });
    for (let hosts = 0; hosts < 60; hosts++) {
      // Other weights in each round, so that every rack has some of all.
      ring.add([8, 16, 32][(hosts + Math.floor(hosts / 3)) % 3]!);
      if (hosts >= 8) expect(ring.balance().largestInRack, `${hosts + 1} hosts`).toBeLessThanOrEqual(1.1);
    }
  });

  it('T04 uniqueness: 1..16 tokens, RF 1..5, racks 1..10, 32 hosts: as many as asked for, none twice; RF over racks over 1 refused', () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 1, max: 16 }),
          replicationFactor: fc.integer({ min: 1, max: 5 }),
          racks: fc.integer({ min: 1, max: 10 }),
        }),
        ({ count, replicationFactor, racks }) => {
          const owners: TokenOwner[] = [];
          for (let index = 0; index < 32; index++) {
            const newcomer = { hostId: hostId(index), rack: `rack${index % racks}` };
            const known = Math.min(index + 1, racks);
            const wanted = request(owners, { newcomer, count, replicationFactor });
            if (known > 1 && known < replicationFactor) {
              expect(() => allocateTokens(wanted)).toThrow(
                expect.objectContaining({ code: 'REFUSED', details: { racks: known, replicationFactor } }),
              );
            }
            const tokens = allocateTokens({ ...wanted, rackAware: known === 1 || known >= replicationFactor });
            expect(tokens).toHaveLength(count);
            owners.push({ ...newcomer, tokens });
          }
          const all = owners.flatMap(({ tokens }) => tokens);
          expect(new Set(all).size).toBe(32 * count);
          expect(all.every((token) => isToken(token) && token !== minToken)).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('T03 allocation: 2 racks at RF 3 are refused', () => {
    expect(() => allocateTokens(request(randomOwners(4, 2)))).toThrow(RingError);
  });

  it('never takes a token that another datacenter owns', () => {
    const owners = randomOwners(5, 1);
    const wanted = allocateTokens(request(owners));
    const taken = new Set([...wanted, ...owners.flatMap(({ tokens }) => tokens)]);
    const tokens = allocateTokens(request(owners, { isTaken: (token) => taken.has(token) }));
    expect(tokens.filter((token) => taken.has(token))).toEqual([]);
    expect(tokens).toEqual(wanted.map((token) => token + 1n));
  });

  it('is a function of the request, whatever the order of the owners; equal places are told apart by host id', () => {
    const ring = new GrowingRing({ racks: 1, replicationFactor: 3 });
    for (let hosts = 0; hosts < 7; hosts++) ring.add(16);
    const tokens = allocateTokens(request(ring.owners));
    expect(allocateTokens(request(ring.owners))).toEqual(tokens);
    const founder = [ring.owners[0]!];
    const [one, other] = [98, 99].map((index) =>
      allocateTokens(request(founder, { count: 1, newcomer: { hostId: hostId(index), rack: 'rack0' } })),
    );
    expect(one).not.toEqual(other);
  });

  it('gives the first host of a ring evenly spaced tokens, each host id its own', () => {
    const tokens = allocateTokens(request([]));
    const gaps = tokens.slice(1).map((token, index) => Number(token - tokens[index]!));
    expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(1.001);
    expect(allocateTokens(request([], { newcomer: { hostId: hostId(7), rack: 'rack0' } }))).not.toEqual(tokens);
  });

  it('takes a ring in which a token is owned twice, and one of a single token, as they are', () => {
    const owners = [
      { hostId: hostId(1), rack: 'rack0', tokens: [0n, 5n] },
      { hostId: hostId(2), rack: 'rack0', tokens: [0n, 1n, 2n, 3n] },
    ];
    expect(allocateTokens(request(owners))).toHaveLength(16);
    expect(allocateTokens(request([{ ...owners[0]!, tokens: [0n] }]))).toHaveLength(16);
  });

  it.each([{ count: 0 }, { replicationFactor: 0 }, { count: 1.5 }])(
    'refuses $count tokens at RF $replicationFactor',
    (change) => {
      expect(() => allocateTokens(request([], change))).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    },
  );
});
