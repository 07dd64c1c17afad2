import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { ReplicaTable } from '../../src/ring/replica-table.ts';
import { parseReplication, type ReplicationOptions, replicationOf } from '../../src/ring/replication-strategy.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { TokenMap } from '../../src/ring/token-map.ts';
import { tokenOf } from '../../src/token/murmur3-partitioner.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';
import { driverReplicas } from './driver-judge.ts';
import { naiveNetworkTopology, naiveSimple } from './naive-placement.ts';
import { hostIds, member, randomRing } from './rings.ts';

const tableOf = (members: readonly RingMember[], options: ReplicationOptions) =>
  new ReplicaTable(TokenMap.of(members, 1), parseReplication(options, null));

const replicasAt = (table: ReplicaTable, token: bigint) => hostIds(table.at(table.map.indexForToken(token)));

const keys = Array.from({ length: 40 }, (_, index) => Buffer.from(`key ${index}`));

/** 1 to 3 datacenters, each with its hosts spread over its racks, 1 to 8 tokens a host. */
const topologies = fc.record({
  seed: fc.nat(),
  vnodes: fc.constantFrom(1, 3, 8),
  datacenters: fc.array(
    fc.record({ racks: fc.integer({ min: 1, max: 5 }), extraHosts: fc.nat(5), factor: fc.nat(6) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
});

function ringOf({ seed, vnodes, datacenters }: { seed: number; vnodes: number; datacenters: readonly Datacenter[] }) {
  const random = new SeededRandom(seed);
  const places = datacenters.flatMap(({ racks, extraHosts }, index) =>
    Array.from({ length: racks + extraHosts }, (_, host) => ({
      datacenter: `dc${index + 1}`,
      rack: `rack${host < racks ? host : random.below(racks)}`,
    })),
  );
  return randomRing(places.length, vnodes, random, (index) => places[index]!);
}

interface Datacenter {
  readonly racks: number;
  readonly extraHosts: number;
  readonly factor: number;
}

const factorsOf = (datacenters: readonly Datacenter[], limit: (datacenter: Datacenter) => number) =>
  Object.fromEntries(datacenters.map((each, index) => [`dc${index + 1}`, limit(each)]));

describe('SimpleStrategy', () => {
  it('chooses the replicas of cassandra-driver, in its order, on any ring', () => {
    fc.assert(
      fc.property(topologies, fc.integer({ min: 1, max: 20 }), (topology, factor) => {
        const members = ringOf(topology);
        const options = { class: 'SimpleStrategy', replication_factor: factor };
        const table = tableOf(members, options);
        const judge = driverReplicas(members, options);
        for (const key of keys) {
          expect(replicasAt(table, tokenOf(key))).toEqual(judge(key));
          expect(replicasAt(table, tokenOf(key))).toEqual(naiveSimple(members, factor, tokenOf(key)));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('N02 ring walk: tokens 1 and 6 give replicas 6 1, 1 6, 1 6 and 1 6; no tokens give none', () => {
    const options = { class: 'SimpleStrategy', replication_factor: 3 };
    const table = tableOf([member('1', [1n]), member('6', [6n])], options);
    expect([2n, 7n, 0n, -(2n ** 63n)].map((token) => replicasAt(table, token).join(' '))).toEqual([
      '6 1',
      '1 6',
      '1 6',
      '1 6',
    ]);
    expect(replicasAt(tableOf([member('observer', [])], options), 2n)).toEqual([]);
  });
});

describe('NetworkTopologyStrategy', () => {
  it('chooses the replicas of cassandra-driver, in its order, where every datacenter has as many racks as replicas', () => {
    fc.assert(
      fc.property(topologies, (topology) => {
        const members = ringOf(topology);
        const factors = factorsOf(topology.datacenters, ({ racks, factor }) => Math.min(racks, factor + 1));
        const table = tableOf(members, { class: 'NetworkTopologyStrategy', ...factors });
        const judge = driverReplicas(members, { class: 'NetworkTopologyStrategy', ...factors });
        for (const key of keys) expect(replicasAt(table, tokenOf(key))).toEqual(judge(key));
      }),
      { numRuns: 30 },
    );
  });

  it('chooses the replicas of the two-phase twin on any ring: fewer racks than replicas, fewer hosts, RF 0', () => {
    fc.assert(
      fc.property(topologies, (topology) => {
        const members = ringOf(topology);
        const factors = factorsOf(topology.datacenters, ({ factor }) => factor);
        const options = { class: 'NetworkTopologyStrategy', ...factors };
        const table = new ReplicaTable(TokenMap.of(members, 1), replicationOf(options, []));
        for (const key of keys) {
          expect(replicasAt(table, tokenOf(key))).toEqual(naiveNetworkTopology(members, factors, tokenOf(key)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    { hosts: 100, vnodes: 64, tokens: 100 },
    { hosts: 896, vnodes: 8, tokens: 25 },
  ])(
    'N01 NTS equivalence: $hosts hosts of $vnodes tokens, random racks, an empty datacenter, RF over racks',
    (size) => {
      const random = new SeededRandom(size.hosts);
      // dc4 gets so few hosts and racks that its RF exceeds both now and then; dc6 has a factor, but no host.
      const datacenters = ['dc1', 'dc1', 'dc2', 'dc2', 'dc3', 'dc3', 'dc5', 'dc5', 'dc5'];
      const racks: Record<string, number> = { dc1: 8, dc2: 8, dc3: 3, dc4: 2, dc5: 1 };
      const members = randomRing(size.hosts, size.vnodes, random, (index) => {
        const datacenter = index < 4 ? 'dc4' : datacenters[random.below(datacenters.length)]!;
        return { datacenter, rack: `rack${random.below(racks[datacenter]!)}` };
      });
      const factors = { dc1: 1, dc2: 3, dc3: 5, dc4: 5, dc5: 5, dc6: 5 };
      const table = tableOf(members, { class: 'NetworkTopologyStrategy', ...factors });
      for (const token of randomTokens(size.tokens, random, () => false)) {
        const replicas = replicasAt(table, token);
        expect(replicas).toEqual(naiveNetworkTopology(members, factors, token));
        expect(new Set(replicas).size).toBe(1 + 3 + 5 + 4 + 5);
      }
    },
  );

  it('counts neither racks nor hosts of members without tokens', () => {
    const members = [member('a', [10n], 'r1'), member('b', [20n], 'r1'), member('c', [30n], 'r2')];
    const options = { class: 'NetworkTopologyStrategy', dc1: 3 };
    const table = tableOf([...members, member('d', [], 'r3')], options);
    expect(replicasAt(table, 5n)).toEqual(['a', 'b', 'c']);
  });
});

describe('parseReplication', () => {
  const known = ['dc1', 'dc2'];
  it.each<[ReplicationOptions, Record<string, string>]>([
    [
      { replication_factor: 3, class: 'org.apache.cassandra.locator.SimpleStrategy' },
      { class: 'SimpleStrategy', replication_factor: '3' },
    ],
    [
      { dc2: '02', dc1: 1, class: 'org.apache.cassandra.locator.NetworkTopologyStrategy' },
      { class: 'NetworkTopologyStrategy', dc1: '1', dc2: '2' },
    ],
    [
      { class: 'NetworkTopologyStrategy', replication_factor: 3, dc1: 0 },
      { class: 'NetworkTopologyStrategy', dc2: '3' },
    ],
    [
      { class: 'NetworkTopologyStrategy', replication_factor: '3', dc1: 1 },
      { class: 'NetworkTopologyStrategy', dc1: '1', dc2: '3' },
    ],
  ])('makes %j canonical', (options, canonical) => {
    const parsed = parseReplication(options, known);
    expect(JSON.stringify(parsed.options)).toBe(JSON.stringify(canonical));
    expect(parseReplication(parsed.options, known).options).toEqual(parsed.options);
  });

  it.each<[ReplicationOptions, readonly string[] | null, string]>([
    [{}, known, 'INVALID_ARGUMENT'],
    [{ class: 'LocalStrategy' }, known, 'INVALID_ARGUMENT'],
    [{ class: 'com.example.SimpleStrategy', replication_factor: 1 }, known, 'INVALID_ARGUMENT'],
    [{ class: 'SimpleStrategy' }, known, 'INVALID_ARGUMENT'],
    [{ class: 'SimpleStrategy', replication_factor: 0 }, known, 'INVALID_ARGUMENT'],
    [{ class: 'SimpleStrategy', replication_factor: 1, dc1: 1 }, known, 'INVALID_ARGUMENT'],
    [{ class: 'SimpleStrategy', replication_factor: 1.5 }, known, 'INVALID_ARGUMENT'],
    [{ class: 'SimpleStrategy', replication_factor: '3/1' }, known, 'INVALID_ARGUMENT'],
    [{ class: 'SimpleStrategy', replication_factor: 33 }, known, 'INVALID_ARGUMENT'],
    [{ class: 'NetworkTopologyStrategy', dc1: 3, dc2: '300' }, known, 'INVALID_ARGUMENT'],
    [{ class: 'NetworkTopologyStrategy' }, known, 'INVALID_ARGUMENT'],
    [{ class: 'NetworkTopologyStrategy', dc1: 0 }, known, 'INVALID_ARGUMENT'],
    [{ class: 'NetworkTopologyStrategy', dc1: -1 }, known, 'INVALID_ARGUMENT'],
    [{ class: 'NetworkTopologyStrategy', replication_factor: 3 }, null, 'INVALID_ARGUMENT'],
    [{ class: 'NetworkTopologyStrategy', dc1: 1, DC2: 1 }, known, 'UNKNOWN_DATACENTER'],
  ])('refuses %j where %j are known', (options, datacenters, code) => {
    expect(() => parseReplication(options, datacenters)).toThrow(expect.objectContaining({ code }));
  });

  it('a keyspace outlives its datacenters: those that have gone are passed over', () => {
    const strategy = replicationOf({ class: 'NetworkTopologyStrategy', gone: 2, dc1: 1 }, known);
    const table = new ReplicaTable(TokenMap.of([member('a', [1n]), member('b', [2n])], 1), strategy);
    expect(replicasAt(table, 2n)).toEqual(['b']);
  });
});
