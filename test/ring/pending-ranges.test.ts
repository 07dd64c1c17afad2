import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, SeededRandom } from '../../src/base/random.ts';
import { futureOwners, type RingOperation } from '../../src/ring/future-owners.ts';
import { pendingRanges, type RingTransitions } from '../../src/ring/pending-ranges.ts';
import type { ReplicationOptions } from '../../src/ring/replication-strategy.ts';
import { parseReplication } from '../../src/ring/replication-strategy.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { Router } from '../../src/ring/router.ts';
import { mergeRanges } from '../../src/token/merge-ranges.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';
import { rangeContains } from '../../src/token/token-range.ts';
import { naiveNetworkTopology, naiveSimple } from './naive-placement.ts';
import { hostIds, member, randomRing } from './rings.ts';

const nothing: RingTransitions = { leaving: new Set(), joining: [], moving: new Map() };
const simple = (factor: number) => parseReplication({ class: 'SimpleStrategy', replication_factor: factor }, null);
const ringOf = (names: string, tokens: readonly bigint[]) =>
  names.split(' ').map((name, index) => member(name, [tokens[index]!]));

/** Pending ranges as text, `A:(10,15]`, of the hosts that have any. */
function pendingText(owners: readonly RingMember[], transitions: Partial<RingTransitions>, factor: number): string[] {
  return [...pendingRanges(owners, { ...nothing, ...transitions }, simple(factor))].map(
    ([hostId, ranges]) => `${hostId}:${ranges.map(({ left, right }) => `(${left},${right}]`).join('')}`,
  );
}

/** The same for golden data, which cuts ranges otherwise. */
const golden = (sets: Record<string, [number, number][]>): string[] =>
  Object.entries(sets).map(([hostId, ranges]) => {
    const merged = mergeRanges(ranges.map(([left, right]) => ({ left: BigInt(left), right: BigInt(right) })));
    return `${hostId}:${merged.map(({ left, right }) => `(${left},${right}]`).join('')}`;
  });

describe("Cassandra's golden pending ranges", () => {
  const abcd = ringOf('A B C D', [0n, 10n, 20n, 30n]);

  it.each([
    [15n, 1, { A: [[10, 15]], B: [[30, 0]] }],
    [
      15n,
      2,
      {
        A: [
          [0, 10],
          [10, 15],
        ],
        B: [[20, 30]],
      },
    ],
    [15n, 3, { A: [[0, 10]], B: [[15, 20]] }],
    [26n, 1, { A: [[20, 26]], B: [[30, 0]] }],
    [26n, 2, { A: [[10, 20]], B: [[26, 30]], C: [[30, 0]] }],
    [26n, 3, { A: [[0, 10]], C: [[26, 30]] }],
  ] as [bigint, number, Record<string, [number, number][]>][])(
    'M01 golden moves: A moves from 0 to %s with %s replicas',
    (token, factor, expected) => {
      expect(pendingText(abcd, { moving: new Map([['A', [token]]]) }, factor)).toEqual(golden(expected));
    },
  );

  it('M01 golden moves: a single node that moves has nothing pending', () => {
    expect(pendingText([abcd[0]!], { moving: new Map([['A', [15n]]]) }, 1)).toEqual([]);
  });

  it('P02 golden sets: one leaves while another moves', () => {
    const ring = ringOf('n1 n2 n3 n4 n5', [-9n, -5n, -1n, 1n, 5n]);
    const transitions = { leaving: new Set(['n5']), moving: new Map([['n3', [0n]]]) };
    expect(pendingText(ring, transitions, 3)).toEqual(
      golden({
        n1: [[-5, -1]],
        n2: [[-1, 1]],
        n3: [
          [-1, 0],
          [1, 5],
        ],
      }),
    );
  });

  it('P02 golden sets: two leave at once', () => {
    const ring = ringOf('n1 n2 n3 n4', [-9n, -4n, 0n, 4n]);
    expect(pendingText(ring, { leaving: new Set(['n2', 'n3']) }, 2)).toEqual(
      golden({
        n1: [[-9, 0]],
        n4: [
          [4, -9],
          [-9, -4],
        ],
      }),
    );
  });

  it('P02 golden sets: three of ten leave while two join', () => {
    const ring = Array.from({ length: 10 }, (_, n) => member(`n${n + 1}`, [BigInt(10 * n)]));
    const pending = pendingRanges(
      ring,
      { ...nothing, leaving: new Set(['n7', 'n9', 'n10']), joining: [member('b1', [55n]), member('b2', [75n])] },
      simple(3),
    );
    const writeSet = (token: bigint): string[] => {
      const gaining = [...pending].filter(([, ranges]) => ranges.some((range) => rangeContains(range, token)));
      return [...naiveSimple(ring, 3, token), ...gaining.map(([hostId]) => hostId)].sort();
    };
    const expected: [bigint, string][] = [
      [5n, 'n2 n3 n4'],
      [15n, 'n3 n4 n5'],
      [25n, 'n4 n5 n6'],
      [35n, 'b1 n5 n6 n7 n8'],
      [45n, 'b1 b2 n1 n6 n7 n8'],
      [55n, 'b1 b2 n1 n2 n7 n8 n9'],
      [65n, 'b2 n1 n10 n2 n8 n9'],
      [75n, 'b2 n1 n10 n2 n3 n9'],
      [85n, 'n1 n10 n2 n3'],
      [95n, 'n1 n2 n3'],
    ];
    expect(expected.map(([token]) => [token, writeSet(token).join(' ')])).toEqual(expected);
  });

  it('R07 two replaced at once: each newcomer has exactly the ranges of the one whose tokens it takes', () => {
    const ring = Array.from({ length: 6 }, (_, n) => member(`n${n + 1}`, [BigInt(10 * n)]));
    const joining = [member('x1', [0n]), member('x4', [30n])];
    const pending = pendingRanges(ring, { ...nothing, joining }, simple(3));
    expect([...pending.keys()]).toEqual(['x1', 'x4']);
    expect(pending.get('x1')).toEqual([{ left: 30n, right: 0n }]);
    expect(pending.get('x4')).toEqual([{ left: 0n, right: 30n }]);
  });

  it('B02 pending, then none: of two owners and a joiner only the joiner is pending, and nobody once it is an owner', () => {
    const owners = ringOf('a b', [0n, 10n]);
    const joiner = member('c', [5n]);
    const pending = pendingRanges(owners, { ...nothing, joining: [joiner] }, simple(2));
    expect([...pending]).toEqual([['c', mergeRanges([{ left: 10n, right: 5n }])]]);
    expect(pendingRanges([...owners, joiner], nothing, simple(2)).size).toBe(0);
  });
});

const strategies: {
  options: ReplicationOptions;
  replicas: (owners: readonly RingMember[], token: bigint) => string[];
}[] = [
  ...[1, 2, 3, 5].map((factor) => ({
    options: { class: 'SimpleStrategy', replication_factor: factor },
    replicas: (owners: readonly RingMember[], token: bigint) => naiveSimple(owners, factor, token),
  })),
  {
    options: { class: 'NetworkTopologyStrategy', dc1: 3, dc2: 2 },
    replicas: (owners, token) => naiveNetworkTopology(owners, { dc1: 3, dc2: 2 }, token),
  },
];

interface Scene {
  readonly owners: RingMember[];
  readonly transitions: RingTransitions;
  /** The owners when all of it is over. */
  readonly settled: RingMember[];
}

/** A ring of 1 to 50 owners of 1 to 16 tokens in which some leave, some join and some move, whatever it comes to. */
function randomScene(random: Random): Scene {
  const vnodes = 1 + random.below(random.below(4) === 0 ? 16 : 3);
  const count = 1 + random.below(random.below(5) === 0 ? 50 : 9);
  const all = randomRing(count + 3, vnodes, random, (index) => ({
    datacenter: index % 3 === 0 ? 'dc2' : 'dc1',
    rack: `rack${random.below(4)}`,
  }));
  const owners = all.slice(0, count);
  const joining = all.slice(count, count + random.below(4));
  const leaving = new Set(hostIds(owners).filter(() => random.below(5) === 0));
  const movers = owners.filter(({ hostId }) => !leaving.has(hostId) && random.below(8) === 0);
  const taken = new Set(all.flatMap(({ tokens }) => tokens));
  const moving = new Map(
    movers.map(({ hostId, tokens }) => [hostId, randomTokens(tokens.length, random, (each) => taken.has(each))]),
  );
  const settled = [...owners.filter(({ hostId }) => !leaving.has(hostId)), ...joining].map((each) => ({
    ...each,
    tokens: moving.get(each.hostId) ?? each.tokens,
  }));
  return { owners, transitions: { leaving, joining, moving }, settled };
}

/** Section by section as the code of Cassandra has it, for one token; slow and obvious. */
function naivePending(
  { owners, transitions }: Scene,
  replicas: (owners: readonly RingMember[], token: bigint) => string[],
  token: bigint,
): string[] {
  const { leaving, joining, moving } = transitions;
  const now = replicas(owners, token);
  const pending = new Set<string>();
  let left = owners.filter(({ hostId }) => !leaving.has(hostId));
  for (const hostId of replicas(left, token)) pending.add(hostId);
  for (const joiner of joining) {
    if (replicas([...left, joiner], token).includes(joiner.hostId)) pending.add(joiner.hostId);
  }
  for (const [mover, tokens] of moving) {
    left = left.map((each) => (each.hostId === mover ? { ...each, tokens } : each));
    for (const hostId of replicas(left, token)) pending.add(hostId);
    left = left.filter(({ hostId }) => hostId !== mover);
  }
  return [...pending].filter((hostId) => !now.includes(hostId)).sort();
}

/** Tokens at and beside every edge of a scene, thinned to some hundred. */
function probes(scene: Scene): bigint[] {
  const tokens = [...scene.owners, ...scene.transitions.joining, ...scene.settled].flatMap((each) => each.tokens);
  const step = Math.ceil(tokens.length / 12);
  return tokens.filter((_, index) => index % step === 0).flatMap((token) => [token, token + 1n, token - 1n]);
}

describe('pending ranges', () => {
  it('P01 random operations: they are those of the brute-force twin, and with the owners hold every owner to be', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const scene = randomScene(new SeededRandom(seed));
        for (const { options, replicas } of strategies) {
          const strategy = parseReplication(options, null);
          const pending = pendingRanges(scene.owners, scene.transitions, strategy);
          for (const token of probes(scene)) {
            const gaining = [...pending].filter(([, ranges]) => ranges.some((range) => rangeContains(range, token)));
            expect(gaining.map(([hostId]) => hostId)).toEqual(naivePending(scene, replicas, token));
            if (scene.transitions.moving.size > 0 || scene.transitions.joining.length > 1) continue;
            const written = [...replicas(scene.owners, token), ...gaining.map(([hostId]) => hostId)];
            expect(written).toEqual(expect.arrayContaining(replicas(scene.settled, token)));
          }
          expect(pendingRanges(scene.settled, nothing, strategy).size).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('P01 one operation at a time: they are what a route names as pending at begin, for every kind of operation', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('bootstrap', 'decommission', 'move', 'replace'), (seed, kind) => {
        const random = new SeededRandom(seed);
        const all = randomRing(3 + random.below(8), 1 + random.below(3), random, () => ({
          datacenter: 'dc1',
          rack: `rack${random.below(3)}`,
        }));
        const [subject, ...others] = all as [RingMember, ...RingMember[]];
        const taken = new Set(all.flatMap(({ tokens }) => tokens));
        const tokens =
          kind === 'replace'
            ? others[0]!.tokens
            : randomTokens(subject.tokens.length, random, (each) => taken.has(each));
        // In the rack of the one it replaces: from another rack others gain ranges too, which Cassandra's sets do not know.
        const newcomer = { ...subject, tokens, rack: kind === 'replace' ? others[0]!.rack : subject.rack };
        const owners = kind === 'bootstrap' || kind === 'replace' ? others : all;
        const operation: RingOperation = {
          kind,
          subjects: [{ hostId: subject.hostId, tokens }],
          replaces: kind === 'replace' ? others[0]!.hostId : null,
          alter: null,
        };
        const members = owners === all ? all : [newcomer, ...others];
        const transitions: RingTransitions = {
          leaving: new Set(kind === 'decommission' ? [subject.hostId] : []),
          joining: owners === all ? [] : [newcomer],
          moving: new Map(kind === 'move' ? [[subject.hostId, tokens]] : []),
        };
        const future = futureOwners(members, operation);
        for (const { options } of strategies) {
          const router = new Router({
            natural: owners,
            change: { step: 'begin', future, alter: null },
            epoch: 1,
            ringFingerprint: 'f',
            keyspaces: new Map([['ks', options]]),
            knownDatacenters: ['dc1'],
          });
          const pending = pendingRanges(owners, transitions, parseReplication(options, null));
          for (const token of probes({ owners, transitions, settled: future })) {
            const gaining = [...pending].filter(([, ranges]) => ranges.some((range) => rangeContains(range, token)));
            expect(hostIds(router.routeToken(token, 'ks').pending).sort()).toEqual(gaining.map(([hostId]) => hostId));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
