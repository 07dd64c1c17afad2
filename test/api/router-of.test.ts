import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { RingSnapshot } from '../../src/api/ring-snapshot.ts';
import { routerOf } from '../../src/api/router-of.ts';
import { TokenMap } from '../../src/ring/token-map.ts';
import { tokenOf } from '../../src/token/murmur3-partitioner.ts';

const uuid = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;

const member = (digit: number, tokens: string[], owner: boolean): RingSnapshot['members'][number] => ({
  hostId: uuid(digit),
  address: `10.0.0.${digit}:7600`,
  httpAddress: null,
  datacenter: 'dc1',
  rack: `rack${digit}`,
  state: owner ? 'normal' : 'joining',
  liveness: 'alive',
  mode: 'ok',
  tokens,
  owner,
});

const snapshot: RingSnapshot = {
  cluster: 'test',
  clusterId: uuid(8),
  lineage: uuid(9),
  epoch: 5,
  ringFingerprint: 'f5',
  schemaVersion: uuid(7),
  members: [
    member(1, ['-6000000000000000000'], true),
    member(2, ['0'], true),
    member(3, ['6000000000000000000'], false),
  ],
  change: {
    step: 'begin',
    future: [
      { hostId: uuid(1), tokens: ['-6000000000000000000'] },
      { hostId: uuid(2), tokens: ['0'] },
      { hostId: uuid(3), tokens: ['6000000000000000000'] },
    ],
    alter: null,
  },
  keyspaces: { two: { class: 'SimpleStrategy', replication_factor: '2' } },
};

describe('routerOf', () => {
  it('routes over the owners, and names a joiner only as pending', () => {
    expect(Check(RingSnapshot, snapshot)).toBe(true);
    const router = routerOf(JSON.parse(JSON.stringify(snapshot)));
    expect(router.epoch).toBe(5);
    const now = TokenMap.of(
      [
        { ...snapshot.members[0]!, tokens: [-6000000000000000000n] },
        { ...snapshot.members[1]!, tokens: [0n] },
      ],
      5,
    );
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      const route = router.route(key, null);
      expect(route.replicas[0]!.hostId).toBe(now.members[now.ownerAt(now.indexForToken(tokenOf(key)))]!.hostId);
      const gained = tokenOf(key) > 0n && tokenOf(key) <= 6000000000000000000n;
      expect(route.pending.map((each) => each.hostId)).toEqual(gained ? [uuid(3)] : []);
    }
    expect(router.route('a', 'two').replicas).toHaveLength(2);
  });

  it('refuses a host that is named twice before any key is routed by it', () => {
    const [one, two, three] = snapshot.members as [never, never, never];
    expect(() => routerOf({ ...snapshot, members: [one, two, three, two] })).toThrow(/a host twice/);
    const future = [{ hostId: uuid(1), tokens: ['1'] }];
    const change = { step: 'begin' as const, future: [...future, ...future], alter: null };
    expect(() => routerOf({ ...snapshot, change })).toThrow(/a host twice/);
  });

  it('refuses a future owner that is no member, and text that is no token', () => {
    const future = [{ hostId: uuid(4), tokens: ['1'] }];
    const stranger: RingSnapshot = { ...snapshot, change: { step: 'begin', future, alter: null } };
    expect(() => routerOf(stranger)).toThrow(/expected a member/);
    const bad = { ...snapshot, members: [member(1, ['1e3'], true)], change: null };
    expect(() => routerOf(bad)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
