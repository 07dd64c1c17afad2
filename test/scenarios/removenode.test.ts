import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];

const remove = (hostId: string) =>
  ({ kind: 'beginOperation', request: { operation: 'removenode', hostId }, force: false }) as const;
const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
const ruleOf = (result: object): unknown =>
  'error' in result && result.error instanceof RingError ? result.error.details.rule : result;

/** Five nodes with three replicas, the last of them dead. */
function withDead(seed: number): { world: World; mover: DataMover; nodes: Nodes; dead: string } {
  const world = new World(seed);
  new InvariantWatch(world);
  const mover = new DataMover(world);
  const nodes = movingCluster(world, 5, 3) as Nodes;
  const dead = nodes[4].hostId;
  nodes[4].crash();
  if (!world.runUntil(() => nodes.slice(0, 4).every((node) => isDead(node, dead)), 90_000)) throw new Error('not dead');
  return { world, mover, nodes, dead };
}

describe('removenode', () => {
  it('D06 removenode flow: leaving until all gainers have confirmed, then gone; whoever is awaited is named', () => {
    const { world, mover, nodes, dead } = withDead(501);
    const [a, b] = nodes;
    mover.takesMs = 5_000;
    expect(ask(world, b, remove(dead))).toMatchObject({ ok: {} });
    world.run(3_000);
    expect(a.reader.members().find(({ hostId }) => hostId === dead)?.state).toBe('leaving');
    const gainers = new Set(mover.told.map(({ node }) => node.hostId));
    const waiting = nodes
      .slice(0, 4)
      .flatMap((node) => node.reader.operationWaitingFor)
      .join('\n');
    for (const gainer of gainers) expect(waiting).toContain(`${gainer} has done 0 of`);
    expect(world.runUntil(() => settled(world), 30_000)).toBe(true);
    expect(a.reader.register.state!.removed.has(dead)).toBe(true);
    // The loser is dead, so two of the three replicas were read and merged.
    expect(mover.told.every(({ role, movement }) => role === 'gain' && movement.sources.length === 2)).toBe(true);
  });

  it('D09: refused for a host that is being removed, or is removed already', () => {
    const { world, mover, nodes, dead } = withDead(505);
    mover.takesMs = 3_000;
    const [a, b] = nodes;
    expect(ask(world, a, remove(dead))).toMatchObject({ ok: {} });
    world.run(1_000);
    for (const node of [a, b]) expect(ruleOf(ask(world, node, remove(dead)))).toBe('operationOpen');
    expect(world.runUntil(() => settled(world), 60_000)).toBe(true);
    for (const node of [a, b]) expect(ruleOf(ask(world, node, remove(dead)))).toBe('removedHost');
  });

  it('D09: refused for an unknown host, a live one, and itself', () => {
    const world = new World(502);
    const [a, b] = movingCluster(world, 3, 2) as Nodes;
    const before = a.reader.register.position;
    expect(ruleOf(ask(world, a, remove('00000000-0000-4000-8000-000000000000')))).toBe('unknownHost');
    expect(ruleOf(ask(world, a, remove(b.hostId)))).toBe('isLive');
    expect(ruleOf(ask(world, a, remove(a.hostId)))).toBe('isSelf');
    expect(a.reader.register.position).toEqual(before);
  });

  it('D07 removal trouble: a failure is a failure, the coordinator and a gainer restart, and it resumes', () => {
    const { world, mover, nodes, dead } = withDead(503);
    const [a, b, c] = nodes;
    mover.fault = ({ node }) => (node === c ? 'no space' : null);
    expect(ask(world, a, remove(dead))).toMatchObject({ ok: {} });
    world.run(15_000);
    expect(a.reader.register.state!.operation).toMatchObject({ kind: 'removenode', step: 'begin' });
    a.crash();
    world.run(3_000);
    a.start();
    world.run(15_000);
    expect(b.reader.register.state!.operation?.step).toBe('begin');
    const waiting = nodes
      .slice(0, 4)
      .flatMap((node) => node.reader.operationWaitingFor)
      .join('\n');
    expect(waiting).toContain('no space');
    mover.fault = () => null;
    // A restart of who failed tries again, and what it had done stays done.
    const done = mover.told.filter(({ node }) => node !== c).length;
    c.crash();
    c.start();
    expect(world.runUntil(() => settled(world), 60_000)).toBe(true);
    expect(a.reader.register.state!.removed.has(dead)).toBe(true);
    expect(mover.told.filter(({ node }) => node !== c && node !== a).length).toBeLessThanOrEqual(done);
  });

  it('D07 removal trouble: force ends this removal alone, without the data, and leaves others dead as they are', () => {
    const { world, mover, nodes, dead } = withDead(506);
    const [a, b, , d] = nodes;
    const alsoDead = d.hostId;
    mover.fault = ({ movement }) => (movement.operation === 'removenode' ? 'no space' : null);
    expect(ask(world, a, remove(dead))).toMatchObject({ ok: {} });
    world.run(10_000);
    expect(a.reader.register.state!.operation?.step).toBe('begin');
    d.crash();
    expect(world.runUntil(() => isDead(a, alsoDead) && isDead(b, alsoDead), 90_000)).toBe(true);
    expect(ask(world, b, { kind: 'forceRemove', hostId: dead, force: false })).toMatchObject({
      ok: { kind: 'remove' },
    });
    expect(world.runUntil(() => settled(world), 10_000)).toBe(true);
    const { state } = a.reader.register;
    expect([...state!.removed.keys()]).toEqual([dead]);
    expect(state!.members.get(alsoDead)?.state).toBe('normal');
  });

  it('D08 removed node wakes: it learns, stops, and the ring is unaffected, also when it wakes in the middle', () => {
    for (const awake of ['during', 'after']) {
      const { world, mover, nodes, dead } = withDead(504);
      const [a, , , , e] = nodes;
      mover.takesMs = 4_000;
      expect(ask(world, a, remove(dead))).toMatchObject({ ok: {} });
      if (awake === 'during') {
        world.run(2_000);
        e.start();
      }
      expect(world.runUntil(() => a.reader.register.state!.removed.has(dead), 60_000)).toBe(true);
      if (awake === 'after') e.start();
      expect(world.runUntil(() => e.fatal !== null, 60_000)).toBe(true);
      expect(e.fatal?.code).toBe('REMOVED');
      world.run(5_000);
      expect(a.reader.ring()!.natural).toHaveLength(4);
      expect(settled(world)).toBe(true);
    }
  });

  it('a source that dies while data moves is replaced by another; a better one that comes back changes nothing', () => {
    const { world, mover, nodes, dead } = withDead(505);
    const [a, b, c, d, e] = nodes;
    mover.takesMs = 3_600_000;
    expect(ask(world, a, remove(dead))).toMatchObject({ ok: {} });
    world.run(3_000);
    const begun = mover.told.length;
    expect(begun).toBeGreaterThan(0);
    // The leaver alone would be the source now.
    e.start();
    expect(world.runUntil(() => !isDead(a, dead), 60_000)).toBe(true);
    world.run(5_000);
    expect(mover.cancelled).toEqual([]);
    const source = [b, c, d].find((node) => mover.told.some(({ movement }) => movement.sources.includes(node.hostId)))!;
    const died = source.hostId;
    const affected = mover.told.filter(({ node, movement }) => node !== source && movement.sources.includes(died));
    source.crash();
    const again = (): boolean => affected.every(({ movement }) => mover.cancelled.includes(movement.id));
    expect(world.runUntil(again, 90_000)).toBe(true);
    for (const { node, movement } of affected) {
      const latest = mover.told.filter((told) => told.node === node && told.movement.id === movement.id).at(-1)!;
      expect(latest.movement.sources).toEqual([dead]);
    }
  });
});
