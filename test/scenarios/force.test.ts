import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, movingCluster, settled } from '../sim/data-mover.ts';
import { singleMessages } from '../sim/single-messages.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode];

const assassinate = (hostId: string, force: boolean) => ({ kind: 'forceRemove', hostId, force }) as const;
const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
const ruleOf = (result: object): unknown =>
  'error' in result && result.error instanceof RingError ? result.error.details.rule : result;

const alter = (factor: number) => {
  const replication = { class: 'SimpleStrategy', replication_factor: factor };
  const request = { operation: 'alterReplication', keyspace: 'app', replication } as const;
  return { kind: 'beginOperation', request, force: false } as const;
};

describe('force', () => {
  it('D09 forced removal: refused for a live host, an unknown one and oneself; two of three alive need no force', () => {
    const world = new World(801);
    const [a, b, c] = movingCluster(world, 3, 2) as Nodes;
    const before = a.reader.register.position;
    expect(ruleOf(ask(world, a, assassinate(b.hostId, true)))).toBe('isLive');
    expect(ruleOf(ask(world, a, assassinate(a.hostId, true)))).toBe('isSelf');
    expect(ruleOf(ask(world, a, assassinate('00000000-0000-4000-8000-000000000000', true)))).toBe('unknownHost');
    expect(a.reader.register.position).toEqual(before);
    const dead = c.hostId;
    c.crash();
    expect(world.runUntil(() => isDead(a, dead), 60_000)).toBe(true);
    expect(ask(world, a, assassinate(dead, false))).toMatchObject({ ok: { kind: 'remove', lineage: before.lineage } });
    expect(world.runUntil(() => settled(world), 10_000)).toBe(true);
    expect(b.reader.register.state!.removed.has(dead)).toBe(true);
  });

  it('D09 forced removal without a majority: refused, then written alone under a new lineage, which a prefix follows', () => {
    const world = new World(802);
    const [a, b, c] = movingCluster(world, 3, 2) as Nodes;
    const [dead, sleeper] = [b.hostId, c.hostId];
    b.crash();
    c.crash();
    expect(world.runUntil(() => isDead(a, dead) && isDead(a, sleeper), 60_000)).toBe(true);
    const { lineage } = a.reader.register.position;
    expect(ruleOf(ask(world, a, assassinate(dead, false)))).toBe('noMajority');
    const forced = ask(world, a, assassinate(dead, true));
    expect(forced).toMatchObject({ ok: { kind: 'remove' } });
    expect(a.reader.register.position.lineage).not.toBe(lineage);
    c.start();
    expect(world.runUntil(() => c.running && settled(world), 30_000)).toBe(true);
    expect(c.reader.register.position).toEqual(a.reader.register.position);
    // The two of them decide again, a removed node blocks nothing, and it learns what became of it.
    expect(world.runUntil(() => !isDead(a, sleeper), 30_000)).toBe(true);
    expect(ask(world, a, alter(1))).toMatchObject({ ok: {} });
    b.start();
    expect(world.runUntil(() => b.fatal !== null, 30_000)).toBe(true);
    expect(b.fatal?.code).toBe('REMOVED');
  });

  it('two histories are shown and never merge, changes are refused, and adopting the other one ends it', () => {
    const world = new World(803);
    const [a, b, c, d] = movingCluster(world, 4, 3) as [...Nodes, SimulatedNode];
    world.network.partition([[a.address], [b.address, c.address, d.address]]);
    const others = [b, c, d];
    const apart = (): boolean => others.every((node) => isDead(a, node.hostId) && isDead(node, a.hostId));
    expect(world.runUntil(apart, 60_000)).toBe(true);
    // Alone, it removes one by force; the majority has gone on meanwhile.
    expect(ask(world, a, assassinate(d.hostId, true))).toMatchObject({ ok: { kind: 'remove' } });
    expect(ask(world, b, alter(2))).toMatchObject({ ok: {} });
    world.run(5_000);
    world.network.heal();
    expect(world.runUntil(() => a.reader.register.fork !== null, 60_000)).toBe(true);
    const { mine, theirs } = a.reader.register.fork!;
    expect(mine.epoch).toBe(theirs.epoch);
    expect(mine.lineage).not.toBe(theirs.lineage);
    world.run(10_000);
    expect(a.reader.register.position.chainHash).not.toBe(b.reader.register.position.chainHash);
    expect(ask(world, a, alter(1))).toHaveProperty('error');
    expect(ask(world, a, { kind: 'adoptLineage', lineage: d.hostId })).toMatchObject({ error: { code: 'REFUSED' } });
    expect(ask(world, a, { kind: 'adoptLineage', lineage: theirs.lineage })).toMatchObject({ ok: expect.any(Number) });
    expect(a.reader.register.fork).toBeNull();
    expect(world.runUntil(() => settled(world), 30_000)).toBe(true);
    expect(a.reader.register.state!.members.has(d.hostId)).toBe(true);
    // It is what the store holds, too.
    a.crash();
    a.start();
    world.run(1_000);
    expect(a.reader.register.state!.lineage).toBe(theirs.lineage);
    expect(a.reader.register.state!.members.has(d.hostId)).toBe(true);
  });

  /** `a` is apart and removes `removed` of four by force, while the others change the ring; then they meet again. */
  function forked(seed: number, removed: number) {
    const world = new World(seed);
    const nodes = movingCluster(world, 4, 3) as [...Nodes, SimulatedNode];
    const [a, ...others] = nodes;
    world.network.partition([[a.address], others.map(({ address }) => address)]);
    const apart = (): boolean => others.every((node) => isDead(a, node.hostId) && isDead(node, a.hostId));
    expect(world.runUntil(apart, 60_000)).toBe(true);
    expect(ask(world, a, assassinate(others[removed]!.hostId, true))).toMatchObject({ ok: { kind: 'remove' } });
    expect(ask(world, others[0]!, alter(2))).toMatchObject({ ok: {} });
    world.run(5_000);
    world.network.heal();
    const shown = (): boolean => nodes.every((node) => node.reader.register.fork !== null);
    expect(world.runUntil(shown, 60_000)).toBe(true);
    return { world, a, others };
  }

  it('one that is removed by the other history alone is told so when it speaks, and not in answer to its own history', () => {
    const { world } = forked(804, 1);
    let told = 0;
    world.tap((_from, _to, _channel, message) => {
      told += singleMessages(message).filter(({ kind }) => kind === 'records').length;
      return true;
    });
    world.run(10_000);
    // About two for each second and node: who is ahead is asked, and who speaks is told.
    expect(told).toBeLessThan(150);
    expect(told).toBeGreaterThan(0);
  });

  it.each([0, 1, 2])(
    'a fork is over for all once nobody holds the other history, also where who showed it was removed (%i)',
    (removed) => {
      const { world, a, others } = forked(805 + removed, removed);
      const { witness, theirs } = a.reader.register.fork!;
      expect(others.map(({ hostId }) => hostId)).toContain(witness);
      // It goes on being shown while it lasts.
      world.run(120_000);
      expect(others.every((node) => node.reader.register.fork !== null)).toBe(true);
      expect(ask(world, a, { kind: 'adoptLineage', lineage: theirs.lineage })).toHaveProperty('ok');
      const over = (): boolean => others.every((node) => node.reader.register.fork === null);
      expect(world.runUntil(() => over() && settled(world), 90_000)).toBe(true);
      expect(ask(world, others[0]!, alter(1))).toMatchObject({ ok: {} });
      expect(world.runUntil(() => settled(world), 30_000)).toBe(true);
      expect(a.reader.register.position).toEqual(others[0]!.reader.register.position);
    },
  );
});
