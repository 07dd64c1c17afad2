import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, differingBuckets, finestBuckets, scopeFilter } from '../../src/gossip/buckets.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import type { EndpointState } from '../../src/gossip/endpoint-state.ts';
import { HashSums, sumOf } from '../../src/gossip/hash-sums.ts';
import { KeyedHash, type Uint64 } from '../../src/gossip/keyed-hash.ts';
import { Roots } from '../../src/gossip/roots.ts';
import { hostOf } from './gossip-fixtures.ts';

const clusterId = '4d4f0b5e-6c55-4a57-8a9e-3a6f4b1c2d3e';
const bigOf = ({ high, low }: Uint64): bigint => (BigInt(high) << 32n) | BigInt(low);
const uint64 = fc.record({ high: fc.nat({ max: 2 ** 32 - 1 }), low: fc.nat({ max: 2 ** 32 - 1 }) });

/** HalfSipHash-2-4 with 64 bits of output on BigInt and bytes, as its authors wrote it down. */
function slowHash(key0: number, key1: number, words: readonly number[]): bigint {
  const mask = 0xffffffffn;
  const rotate = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (32n - by))) & mask;
  let [v0, v1, v2, v3] = [BigInt(key0), BigInt(key1) ^ 0xeen, 0x6c796765n ^ BigInt(key0), 0x74656462n ^ BigInt(key1)];
  const round = (): void => {
    v0 = (v0 + v1) & mask;
    v1 = rotate(v1, 5n) ^ v0;
    v0 = rotate(v0, 16n);
    v2 = (v2 + v3) & mask;
    v3 = rotate(v3, 8n) ^ v2;
    v0 = (v0 + v3) & mask;
    v3 = rotate(v3, 7n) ^ v0;
    v2 = (v2 + v1) & mask;
    v1 = rotate(v1, 13n) ^ v2;
    v2 = rotate(v2, 16n);
  };
  const rounds = (count: number): void => {
    for (let done = 0; done < count; done++) round();
  };
  for (const word of [...words, ((words.length * 4) << 24) >>> 0]) {
    v3 ^= BigInt(word);
    rounds(2);
    v0 ^= BigInt(word);
  }
  v2 ^= 0xeen;
  rounds(4);
  const low = v1 ^ v3;
  v1 ^= 0xddn;
  rounds(4);
  return ((v1 ^ v3) << 32n) | low;
}

interface Step {
  readonly host: number;
  readonly version: number | null;
  readonly dead: boolean;
}

const stateOf = (host: number, version: number): EndpointState => ({
  hostId: hostOf(host),
  generation: 7,
  version,
  bulkVersion: version * 3,
  values: new Map(),
  floor: 0,
  bulkFloor: 0,
});

/** Hosts below 20 are members. */
const members = new Map(Array.from({ length: 20 }, (_, host) => [hostOf(host), null]));
const isMember = (hostId: string): boolean => members.has(hostId);

/** A node's roots after these steps, and all that it knows then. */
function rootsAfter(steps: readonly Step[]): { roots: Roots; states: () => Iterable<EndpointState> } {
  const known = new Map<string, EndpointState>();
  const directory = new EndpointDirectory();
  const roots = new Roots(directory, (visit) => {
    for (const state of known.values()) visit(directory.slotOf(state.hostId), state);
  });
  roots.begin(clusterId, () => members);
  roots.stateRoot([]);
  roots.bulkBuckets(finestBuckets);
  for (const { host, version, dead } of steps) {
    const previous = known.get(hostOf(host)) ?? null;
    const next = version === null ? null : stateOf(host, version);
    if (next === null) known.delete(hostOf(host));
    else known.set(hostOf(host), next);
    if (previous !== null || next !== null) roots.changed(directory.slotOf(hostOf(host)), previous, next);
    roots.setDead(hostOf(host), dead ? 7 : null);
  }
  return { roots, states: () => known.values() };
}

const steps = fc.array(
  fc.record({ host: fc.nat(30), version: fc.option(fc.nat({ max: 5 }), { freq: 4 }), dead: fc.boolean() }),
  { maxLength: 60 },
);

describe('the roots', () => {
  it('hash as HalfSipHash-2-4 does, by the slow twin', () => {
    const word = fc.nat({ max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(word, word, fc.array(word, { maxLength: 9 }), (key0, key1, words) => {
        const hash = new KeyedHash(key0, key1);
        hash.of(words);
        expect(bigOf(hash)).toBe(slowHash(key0, key1, words));
      }),
      { numRuns: 50 },
    );
  });

  it('sum as 64-bit numbers do, and take out again what was put in', () => {
    fc.assert(
      fc.property(fc.array(uint64, { minLength: 1, maxLength: 8 }), fc.nat(), (terms, which) => {
        const sums = new HashSums(1);
        for (const term of terms) sums.add(0, term);
        const total = terms.reduce((sum, term) => BigInt.asUintN(64, sum + bigOf(term)), 0n);
        expect(bigOf(sums.at(0))).toBe(total);
        expect(bigOf(terms.reduce((sum, term) => sumOf(sum, term)))).toBe(total);
        const out = terms[which % terms.length]!;
        sums.subtract(0, out);
        expect(bigOf(sums.at(0))).toBe(BigInt.asUintN(64, total - bigOf(out)));
      }),
    );
  });

  it('follow every change to what summing up anew gives, and are equal exactly where the members are', () => {
    fc.assert(
      fc.property(steps, steps, (left, right) => {
        const [mine, theirs] = [rootsAfter(left), rootsAfter(right)];
        const facts = ['00ff'];
        const followed = mine.roots.stateRoot(facts);
        const followedDead = mine.roots.livenessRoot();
        const followedBulk = mine.roots.bulkBuckets(finestBuckets);
        mine.roots.invalidate();
        expect(mine.roots.stateRoot(facts)).toEqual(followed);
        expect(mine.roots.livenessRoot()).toEqual(followedDead);
        expect(mine.roots.bulkBuckets(finestBuckets)).toEqual(followedBulk);
        const covered = ({ states }: typeof mine): string =>
          [...states()]
            .filter(({ hostId }) => isMember(hostId))
            .map(({ hostId, version }) => `${hostId} ${version}`)
            .sort()
            .join();
        const equal = bigOf(followed) === bigOf(theirs.roots.stateRoot(facts));
        expect(equal).toBe(covered(mine) === covered(theirs));
      }),
    );
  });

  it('differ by a fact, and by the cluster', () => {
    const { roots } = rootsAfter([{ host: 1, version: 1, dead: false }]);
    const root = roots.stateRoot(['01', '02']);
    expect(roots.stateRoot(['01', '03'])).not.toEqual(root);
    expect(roots.stateRoot(['01', '02'])).toEqual(root);
    roots.begin(hostOf(9), () => members);
    expect(roots.stateRoot(['01', '02'])).not.toEqual(root);
  });

  it.each([64, 128, 256])('differ in those of %i buckets that hold what differs', (count) => {
    fc.assert(
      fc.property(steps, steps, (left, right) => {
        const [mine, theirs] = [rootsAfter(left), rootsAfter(right)];
        const states = (side: typeof mine): Map<string, number> =>
          new Map([...side.states()].filter(({ hostId }) => isMember(hostId)).map((s) => [s.hostId, s.version]));
        const [known, other] = [states(mine), states(theirs)];
        const hosts = new Set([...known.keys(), ...other.keys()]);
        const expected = new Set(
          [...hosts].filter((host) => known.get(host) !== other.get(host)).map((host) => bucketOf(host, count)),
        );
        const buckets = differingBuckets(mine.roots.stateBuckets(count), theirs.roots.stateBuckets(count));
        expect(buckets).toEqual([...expected].sort((a, b) => a - b));
        const inScope = scopeFilter({ count, buckets });
        for (const host of hosts) expect(inScope(host)).toBe(expected.has(bucketOf(host, count)));
      }),
      { numRuns: 30 },
    );
    expect(new Set(Array.from({ length: finestBuckets }, (_, at) => bucketOf(hostOf(at), count))).size).toBe(count);
  });
});
