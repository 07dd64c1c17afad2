import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import type { ReplicationOptions } from '../../src/ring/replication-strategy.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { type OpenChange, Router, type RouterSource } from '../../src/ring/router.ts';
import { tokenOf } from '../../src/token/murmur3-partitioner.ts';
import { carriedKeys, eightRacks, hostIds, member, randomRing } from './rings.ts';

const simple = { class: 'SimpleStrategy', replication_factor: 3 };
const network = { class: 'NetworkTopologyStrategy', dc1: 3 };

const routerOf = (natural: readonly RingMember[], rest: Partial<RouterSource> = {}) =>
  new Router({
    natural,
    change: null,
    epoch: 1,
    ringFingerprint: '00000000000000ff',
    keyspaces: new Map<string, ReplicationOptions>([
      ['simple', simple],
      ['network', network],
      ['everywhere', { class: 'NetworkTopologyStrategy', replication_factor: 1 }],
    ]),
    knownDatacenters: ['dc1'],
    ...rest,
  });

const begun = (future: readonly RingMember[]): OpenChange => ({ step: 'begin', future, alter: null });

describe('route', () => {
  it('names token, replicas, epoch and ring fingerprint; text and its UTF-8 bytes lead to the same', () => {
    const router = routerOf(eightRacks(), { epoch: 7 });
    for (const keyspace of [null, 'simple', 'network', 'everywhere']) {
      const route = router.route('clé', keyspace);
      expect(route).toEqual({
        token: tokenOf('clé'),
        keyspace,
        replicas: router.replicasOfToken(tokenOf('clé'), keyspace),
        pending: [],
        writeReplicas: route.replicas,
        requiredReads: route.replicas.length === 1 ? 1 : 2,
        requiredWriteAcks: route.replicas.length === 1 ? 1 : 2,
        epoch: 7,
        ringFingerprint: '00000000000000ff',
      });
      expect(route.replicas).toHaveLength(keyspace === null || keyspace === 'everywhere' ? 1 : 3);
      expect(router.route(Buffer.from('clé'), keyspace)).toEqual(route);
      expect(router.routeToken(route.token, keyspace)).toEqual(route);
      expect(router.replicasOf('clé', keyspace)).toBe(route.replicas);
    }
  });

  it('refuses a keyspace that is not known, naming those that are, and a key that is none', () => {
    const router = routerOf(eightRacks());
    expect(() => router.route('k', 'nope')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_KEYSPACE',
        message: expect.stringContaining('everywhere, network, simple'),
      }),
    );
    expect(() => router.route('', null)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
  });

  it('an empty ring has no replicas in any keyspace, and groups no key in silence', () => {
    const router = routerOf([], { knownDatacenters: [] });
    for (const keyspace of [null, 'simple', 'network', 'everywhere']) {
      expect(router.route('k', keyspace)).toMatchObject({ replicas: [], pending: [] });
      expect(router.ranges(keyspace)).toEqual([]);
      expect(() => router.groupByOwner(['k'], keyspace)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
      expect(router.groupByOwner([], keyspace).size).toBe(0);
    }
  });

  it('groups every key once, under its first replica, in the order given', () => {
    const router = routerOf(eightRacks());
    const keys = carriedKeys();
    const groups = router.groupByOwner(keys, 'network');
    expect([...groups.values()].flat().sort()).toEqual([...keys].sort());
    for (const [hostId, group] of groups) {
      expect(group).toEqual(keys.filter((key) => router.route(key, 'network').replicas[0]!.hostId === hostId));
    }
  });
});

describe('pending replicas', () => {
  const ring = [member('A', [0n]), member('B', [10n]), member('C', [20n]), member('D', [30n])];
  const pendingBy = (router: Router, tokens: readonly bigint[]) =>
    tokens.map((token) => hostIds(router.routeToken(token, 'simple').pending).join());

  it('are those who gain the range when the open operation ends, and nobody where none is open', () => {
    const joined = [...ring, member('E', [15n])];
    const router = routerOf(ring, { change: begun(joined) });
    // RF 3: E takes (10,15] as primary, (0,10] as second, (30,0] as third; all else stays.
    expect(pendingBy(router, [12n, 15n, 5n, 35n, 16n, 25n])).toEqual(['E', 'E', 'E', 'E', '', '']);
    expect(hostIds(router.routeToken(12n, 'simple').replicas)).toEqual(['C', 'D', 'A']);
    expect(pendingBy(routerOf(ring), [12n])).toEqual(['']);
  });

  it("are those of Cassandra's golden data when A moves from 0 to 15 with RF 3", () => {
    const router = routerOf(ring, { change: begun([member('A', [15n]), ...ring.slice(1)]) });
    // (0,10] A, (15,20] B, and nobody anywhere else.
    expect(pendingBy(router, [5n, 10n, 16n, 20n, 12n, 25n, 35n])).toEqual(['A', 'A', 'B', 'B', '', '', '']);
  });

  it('together with the natural replicas hold every owner to be, and never name one twice', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, joiners) => {
        const members = randomRing(6 + joiners, 4, new SeededRandom(seed), (index) => ({
          datacenter: 'dc1',
          rack: `rack${index % 4}`,
        }));
        const natural = members.slice(joiners);
        const router = routerOf(natural, { change: begun(members) });
        const after = routerOf(members);
        for (const key of carriedKeys().slice(0, 50)) {
          for (const keyspace of ['simple', 'network']) {
            const { replicas, pending } = router.route(key, keyspace);
            const targets = hostIds([...replicas, ...pending]);
            expect(new Set(targets).size).toBe(targets.length);
            expect(targets).toEqual(expect.arrayContaining(hostIds(after.replicasOf(key, keyspace))));
            expect(hostIds(after.replicasOf(key, keyspace))).toEqual(expect.arrayContaining(hostIds(pending)));
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('a change of the ring', () => {
  const inRacks = (racks: readonly string[]) =>
    ['a', 'b', 'c', 'd'].map((hostId, index) => member(hostId, [BigInt(index)], racks[index]));
  const replicas = (router: Router) => hostIds(router.replicasOfToken(0n, 'network'));

  it('N03 rack edits: merging and splitting racks moves the replicas at once with the new ring', () => {
    const apart = routerOf(inRacks(['r1', 'r1', 'r2', 'r3']));
    expect(replicas(apart)).toEqual(['a', 'c', 'd']);
    const merged = routerOf(inRacks(['r1', 'r1', 'r1', 'r1']), { epoch: 2 });
    expect(replicas(merged)).toEqual(['a', 'b', 'c']);
    const split = routerOf(inRacks(['r1', 'r1', 'r2', 'r3']), { epoch: 3 });
    expect(replicas(split)).toEqual(['a', 'c', 'd']);
    expect([apart, merged, split].map((router) => router.tokenMap.epoch)).toEqual([1, 2, 3]);
  });

  it('N04 stale view: a reader of the old ring neither sees nor spoils the new one', () => {
    const old = routerOf(inRacks(['r1', 'r2', 'r3', 'r4']));
    const held = old.replicasOfToken(0n, 'network');
    const joined = [...inRacks(['r1', 'r2', 'r3', 'r4']), member('e', [-1n], 'r5')];
    const now = routerOf(joined, { epoch: 2 });
    const fresh = hostIds(now.replicasOfToken(-5n, 'network'));
    // The slow reader goes on filling the old ring's table, range by range.
    expect(old.ranges('network').map((each) => hostIds(each.replicas)[0])).toEqual(['a', 'b', 'c', 'd']);
    expect(fresh).toEqual(['e', 'a', 'b']);
    expect(hostIds(now.replicasOfToken(-5n, 'network'))).toEqual(fresh);
    expect(now.ranges('network').map((each) => hostIds(each.replicas)[0])).toEqual(['e', 'a', 'b', 'c', 'd']);
    expect(old.replicasOfToken(0n, 'network')).toBe(held);
    expect(() => (held as RingMember[]).push(joined[0]!)).toThrow(TypeError);
  });
});
