import { describe, expect, it } from 'vitest';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

describe('a store restored from an old copy', () => {
  it('is caught while a live voter remembers what it voted later; the ring goes on without its vote', () => {
    const world = new World(31);
    const [a, b, c] = world.cluster(3) as [SimulatedNode, SimulatedNode, SimulatedNode];
    world.run(5_000);
    const old = c.diskCopy();
    const next = world.addNode([a.address]);
    next.start();
    expect(world.runUntil(() => next.ready, 30_000)).toBe(true);
    world.run(2_000);
    c.crash();
    c.replaceDisk(old);
    c.start();
    expect(world.runUntil(() => c.running && c.reader.register.restored, 30_000)).toBe(true);
    const told = c.events.find((event) => event.kind === 'log' && event.event === 'restored');
    expect(told).toMatchObject({ level: 'error', message: expect.stringContaining('old copy') });
    // It still follows the ring and serves it.
    expect(world.runUntil(() => c.reader.register.position.epoch === a.reader.register.position.epoch, 30_000)).toBe(
      true,
    );
    const later = world.addNode([b.address]);
    later.start();
    expect(world.runUntil(() => later.ready, 60_000)).toBe(true);
    expect(a.reader.register.fork).toBeNull();
  });

  it('makes a fork where no live voter remembers: shown on both sides, and never merged', () => {
    const world = new World(32);
    const [a] = world.cluster(1) as [SimulatedNode];
    world.run(2_000);
    const old = a.diskCopy();
    const b = world.addNode([a.address]);
    b.start();
    expect(world.runUntil(() => b.ready, 30_000)).toBe(true);
    world.run(5_000);
    a.crash();
    b.crash();
    // Alone, and before anything that b knows: the only voter of its ring decides epoch 2 again, for another joiner.
    a.replaceDisk(old);
    a.start();
    const c = world.addNode([a.address]);
    c.start();
    expect(world.runUntil(() => c.ready, 60_000)).toBe(true);
    b.start();
    const shown = (node: SimulatedNode): boolean => node.reader.register.fork !== null;
    expect(world.runUntil(() => shown(a) && shown(b), 60_000)).toBe(true);
    const sides = [a.reader.ring()?.fingerprint, b.reader.ring()?.fingerprint];
    expect(sides[0]).not.toBe(sides[1]);
    expect(world.runUntil(() => shown(c), 60_000)).toBe(true);
    const late = world.addNode([a.address]);
    late.start();
    world.run(60_000);
    expect(late.ready).toBe(false);
    expect(late.reader.waitingFor.join()).toContain('two histories');
    expect([a.reader.ring()?.fingerprint, b.reader.ring()?.fingerprint]).toEqual(sides);
  });
});
