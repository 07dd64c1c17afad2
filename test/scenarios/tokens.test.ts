import { describe, expect, it } from 'vitest';
import { effectiveOwnership } from '../../src/ring/ownership.ts';
import { ReplicaTable } from '../../src/ring/replica-table.ts';
import { parseReplication } from '../../src/ring/replication-strategy.ts';
import { TokenMap } from '../../src/ring/token-map.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

/** The largest share of the ring over the mean, at a replication factor of 3, as the strategy places replicas. */
function largestShare(node: SimulatedNode): number {
  const { natural, epoch } = node.reader.ring()!;
  const strategy = parseReplication({ class: 'NetworkTopologyStrategy', dc1: 3 }, ['dc1']);
  const shares = [...effectiveOwnership(new ReplicaTable(TokenMap.of(natural, epoch), strategy)).values()];
  return Math.max(...shares) / (shares.reduce((sum, share) => sum + share) / shares.length);
}

const tokensOf = (node: SimulatedNode): readonly bigint[] =>
  node.reader.ring()!.natural.find(({ hostId }) => hostId === node.hostId)!.tokens;

const logged = (nodes: readonly SimulatedNode[], name: string): number =>
  nodes.flatMap((node) => node.events).filter((event) => event.kind === 'log' && event.event === name).length;

describe('token scenarios', () => {
  it('T05 simultaneous allocation: ten who join at once share no token, and the ring is even', () => {
    const world = new World(5);
    const founder = world.addNode([], { found: true });
    founder.start();
    expect(world.runUntil(() => founder.ready, 30_000)).toBe(true);
    const joiners = Array.from({ length: 10 }, () => world.addNode([founder.address]));
    for (const node of joiners) node.start();
    expect(world.runUntil(() => joiners.every((node) => node.ready), 60_000)).toBe(true);
    world.run(2_000);
    const all = founder.reader.ring()!.natural.flatMap(({ tokens }) => tokens);
    expect(new Set(all).size).toBe(11 * 16);
    expect(largestShare(founder)).toBeLessThanOrEqual(1.03);
  });

  it('T05 simultaneous allocation: of two who insist on the same token one joins, and the other is told', () => {
    const world = new World(6);
    const [founder] = world.cluster(1);
    const rivals = [0, 1].map((index) =>
      world.addNode([founder!.address], { initialTokens: [5n, 100n + BigInt(index)] }),
    );
    for (const node of rivals) node.start();
    expect(world.runUntil(() => rivals.some((node) => node.ready) && rivals.some((node) => node.fatal), 60_000)).toBe(
      true,
    );
    const [winner, loser] = rivals.toSorted((left) => (left.ready ? -1 : 1));
    expect(tokensOf(winner!)).toContain(5n);
    expect(loser!.fatal).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('1 tokens are taken'),
      hint: expect.stringContaining('--initial-tokens'),
    });
  });

  it('initial tokens are owned as given, by a founder and by a joiner; others are allocated around them', () => {
    const world = new World(7);
    const founder = world.addNode([], { found: true, initialTokens: [-7n, 7n] });
    founder.start();
    expect(world.runUntil(() => founder.ready, 30_000)).toBe(true);
    const given = world.addNode([founder.address], { initialTokens: [0n] });
    const allocated = world.addNode([founder.address], { tokens: 2 });
    for (const node of [given, allocated]) node.start();
    expect(world.runUntil(() => given.ready && allocated.ready, 60_000)).toBe(true);
    expect(tokensOf(founder)).toEqual([-7n, 7n]);
    expect(tokensOf(given)).toEqual([0n]);
    expect(tokensOf(allocated)).toHaveLength(2);
  });

  it('T03 allocation: two racks at RF 3 block no join; the log says that racks were left out', () => {
    const world = new World(8);
    const nodes = Array.from({ length: 5 }, (_, index) =>
      world.addNode(['10.0.0.0:7600'], { rack: `rack${index % 2}`, found: index === 0 }),
    );
    for (const node of nodes) {
      node.start();
      expect(world.runUntil(() => node.ready, 60_000)).toBe(true);
    }
    expect(logged(nodes, 'allocatedWithoutRacks')).toBeGreaterThan(0);
  });

  it('three racks join without a word about racks, and each rack is even', () => {
    const world = new World(9);
    const nodes = Array.from({ length: 9 }, (_, index) =>
      world.addNode(['10.0.0.0:7600'], { rack: `rack${index % 3}`, found: index === 0 }),
    );
    for (const node of nodes) {
      node.start();
      expect(world.runUntil(() => node.ready, 60_000)).toBe(true);
    }
    world.run(2_000);
    expect(largestShare(nodes[0]!)).toBeLessThanOrEqual(1.05);
    expect(logged(nodes, 'allocatedWithoutRacks')).toBe(0);
  });
});
