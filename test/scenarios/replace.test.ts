import { describe, expect, it } from 'vitest';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode];

const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';

/** Three nodes with two or three replicas, of which the last has died. */
function withDead(seed: number, factor = 3): { world: World; mover: DataMover; nodes: Nodes; dead: string } {
  const world = new World(seed);
  new InvariantWatch(world);
  const mover = new DataMover(world);
  const nodes = movingCluster(world, 3, factor) as Nodes;
  const dead = nodes[2].hostId;
  nodes[2].crash();
  if (!world.runUntil(() => isDead(nodes[0], dead) && isDead(nodes[1], dead), 60_000)) throw new Error('not dead');
  return { world, mover, nodes, dead };
}

const replacing = (world: World, seed: SimulatedNode, dead: string, address?: string): SimulatedNode => {
  const node = world.addNode([seed.address], { tokens: 16, movements: true, replace: dead }, address);
  node.start();
  return node;
};

describe('replace', () => {
  it.each(['the same address', 'another address'])(
    'R01 dead node replaced at %s: same tokens, the old one is gone',
    (at) => {
      const { world, mover, nodes, dead } = withDead(701);
      const [a, b, c] = nodes;
      const tokens = a.reader.register.state!.members.get(dead)!.tokens;
      mover.takesMs = 4_000;
      const node = replacing(world, a, dead, at === 'the same address' ? c.address : undefined);
      expect(world.runUntil(() => mover.told.length > 0, 20_000)).toBe(true);
      const newcomer = node.hostId;
      // Written, and not read: what the dead one held is pending.
      const route = b.reader.router()!.routeToken(tokens[0]!, 'app');
      expect(route.pending.map(({ hostId }) => hostId)).toEqual([newcomer]);
      expect(route.replicas.map(({ hostId }) => hostId)).not.toContain(newcomer);
      expect(world.runUntil(() => node.ready && settled(world), 30_000)).toBe(true);
      const { state } = a.reader.register;
      expect([...state!.members.get(newcomer)!.tokens].sort()).toEqual([...tokens].sort());
      expect(state!.removed.has(dead)).toBe(true);
      expect(mover.told.every(({ movement }) => !movement.sources.includes(dead))).toBe(true);
      // A restart moves nothing.
      const told = mover.told.length;
      node.crash();
      world.run(1_000);
      node.start();
      expect(world.runUntil(() => node.ready, 20_000)).toBe(true);
      world.run(10_000);
      expect(mover.told).toHaveLength(told);
    },
  );

  it('R04 a removed target, an unknown one and a live one: the start is refused, and told why', () => {
    const { world, nodes, dead } = withDead(702, 2);
    const [a, b] = nodes;
    const unknown = replacing(world, a, '00000000-0000-4000-8000-000000000000');
    expect(world.runUntil(() => unknown.fatal !== null, 20_000)).toBe(true);
    expect(unknown.fatal).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('no member') });
    const live = replacing(world, a, b.hostId);
    expect(world.runUntil(() => live.fatal !== null, 20_000)).toBe(true);
    expect(live.fatal).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('is alive') });
    const request = { operation: 'removenode', hostId: dead } as const;
    expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toMatchObject({ ok: {} });
    expect(world.runUntil(() => a.reader.register.state!.removed.has(dead), 30_000)).toBe(true);
    const late = replacing(world, a, dead);
    expect(world.runUntil(() => late.fatal !== null, 20_000)).toBe(true);
    expect(late.fatal).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('was removed') });
  });

  it('B07 interrupted replace: a plain start goes on with it, before and after it was aborted meanwhile', () => {
    for (const sleepMs of [5_000, 120_000]) {
      const { world, mover, nodes, dead } = withDead(703);
      const [a] = nodes;
      mover.takesMs = 3_000;
      const node = replacing(world, a, dead);
      expect(world.runUntil(() => mover.told.length > 0, 20_000)).toBe(true);
      world.run(1_500);
      node.crash();
      world.run(sleepMs);
      Object.assign(node.config, { replace: null });
      node.start();
      expect(world.runUntil(() => node.ready && settled(world), 60_000)).toBe(true);
      expect(a.reader.register.state!.removed.has(dead)).toBe(true);
      expect(a.reader.ring()!.natural).toHaveLength(3);
    }
  });

  it('R06 failed replace: a failed hook leaves it replacing, and a restart asks only for what is missing', () => {
    const { world, mover, nodes, dead } = withDead(704, 2);
    const [a, b] = nodes;
    let failures = 0;
    mover.fault = () => (failures++ === 1 ? 'no route' : null);
    const node = replacing(world, a, dead);
    world.run(20_000);
    expect(a.reader.register.state!.members.get(node.hostId)?.state).toBe('replacing');
    expect([a, b].flatMap((each) => each.reader.operationWaitingFor).join()).toContain('no route');
    const before = mover.told.length;
    expect(before).toBeGreaterThan(1);
    node.crash();
    node.start();
    expect(world.runUntil(() => node.ready, 30_000)).toBe(true);
    expect(mover.told).toHaveLength(before + 1);
  });

  it('R08 old node returns with its data: it regains nothing, says why, and stays out', () => {
    const { world, nodes, dead } = withDead(705);
    const [a, , c] = nodes;
    const node = replacing(world, a, dead);
    expect(world.runUntil(() => node.ready && settled(world), 60_000)).toBe(true);
    c.start();
    expect(world.runUntil(() => c.fatal !== null, 30_000)).toBe(true);
    expect(c.fatal?.code).toBe('REMOVED');
    world.run(10_000);
    expect(a.reader.ring()!.natural.map(({ hostId }) => hostId)).not.toContain(dead);
  });
});
