import { describe, expect, it } from 'vitest';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { announce, removalOf } from '../sim/removal.ts';
import { singleMessages } from '../sim/single-messages.ts';

describe('removal scenarios', () => {
  it('G11 removed nodes: gossip about one is ignored for ever, it is answered with the record, stops and stays out', () => {
    const world = new World(111);
    const watch = new InvariantWatch(world);
    const [a, b, c] = world.cluster(3) as [SimulatedNode, SimulatedNode, SimulatedNode];
    world.run(5_000);
    const removed = c.hostId;
    const state = c.reader.endpointState(removed)!;
    world.network.partition([[a.address, b.address], [c.address]]);
    announce(removalOf(removed, a), a, b);
    const forgotten = (): boolean =>
      [a, b].every((node) => node.reader.members().every((member) => member.hostId !== removed));
    expect(world.runUntil(forgotten, 10_000)).toBe(true);

    // A leftover of its own life, one of the next, and one as far ahead as any clock allows.
    const source = { hostId: b.hostId, bootNonce: b.bootNonce, replyTo: b.address };
    for (const generation of [state.generation, state.generation + 100, state.generation + 80_000]) {
      const delta = { hostId: removed, generation, counter: 'state', from: 0, to: 900, entries: [] } as const;
      a.step({ kind: 'message', from: source, channel: 'datagram', message: { kind: 'ack2', deltas: [delta] } });
      expect(a.reader.endpointState(removed)).toBeNull();
    }

    const answers: string[] = [];
    world.tap((_from, to, _channel, message) => {
      if (to.hostId === removed) answers.push(...singleMessages(message).map(({ kind }) => kind));
      return true;
    });
    world.network.heal();
    expect(world.runUntil(() => c.fatal !== null, 30_000)).toBe(true);
    expect(c.fatal).toMatchObject({ code: 'REMOVED', hint: expect.stringContaining('empty data directory') });
    expect(new Set(answers)).toEqual(new Set(['records']));
    for (let start = 0; start < 3; start++) {
      c.start();
      expect(world.runUntil(() => c.fatal !== null, 30_000)).toBe(true);
      expect(c.fatal?.code).toBe('REMOVED');
    }
    world.run(30_000);
    expect(forgotten()).toBe(true);
    expect(a.reader.ring()?.natural).toHaveLength(2);
    expect(watch.looks).toBeGreaterThan(0);
  });

  it('G11 removed nodes: one that slept through the removal learns of it at its start, and its address is free', () => {
    const world = new World(112);
    const [a, b, c] = world.cluster(3) as [SimulatedNode, SimulatedNode, SimulatedNode];
    const removed = c.hostId;
    c.crash();
    world.run(1_000);
    announce(removalOf(removed, a), a, b);
    world.run(10_000);
    expect(b.reader.register.state?.removed.has(removed)).toBe(true);
    c.start();
    expect(world.runUntil(() => c.fatal !== null, 30_000)).toBe(true);
    expect(c.fatal?.code).toBe('REMOVED');
    c.replaceDisk(null);
    c.start();
    expect(world.runUntil(() => c.ready, 30_000)).toBe(true);
    expect(c.hostId).not.toBe(removed);
    expect(a.reader.ring()?.natural).toHaveLength(3);
  });
});
