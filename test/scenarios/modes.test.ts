import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode];

const seenAt = (at: SimulatedNode, subject: SimulatedNode) =>
  at.reader.members().find(({ address }) => address === subject.address)!;
const ruleOf = (result: object): unknown =>
  'error' in result && result.error instanceof RingError ? result.error.details.rule : result;

describe('drain', () => {
  it('is told to all, twice is no news, moves no range, refuses its decommission, and ends with the restart', () => {
    const world = new World(901);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b, c] = movingCluster(world, 3, 2) as Nodes;
    const before = a.reader.ring()!.fingerprint;
    for (let time = 0; time < 2; time++) expect(ask(world, c, { kind: 'drain' })).toMatchObject({ ok: null });
    expect(world.runUntil(() => [a, b].every((node) => seenAt(node, c).mode === 'drained'), 5_000)).toBe(true);
    // Whoever asks it for a key is sent away; it is not ready, and shown so.
    const { epoch } = c.reader.ring()!;
    expect(() => c.reader.guard('key', 'app', epoch)).toThrow(expect.objectContaining({ code: 'DRAINED' }));
    expect(() => a.reader.guard('key', 'app', epoch)).not.toThrow();
    expect([a, c].map(({ reader }) => reader.drained)).toEqual([false, true]);
    // Nor does a planned restart make it serve again before it has restarted.
    ask(world, c, { kind: 'planRestart', leaseMs: 60_000 });
    world.run(1_000);
    expect([a, b, c].map((node) => seenAt(node, c).mode)).toEqual(['drained', 'drained', 'drained']);
    // It gossips and votes on: it is alive, owns what it owned, and a join goes on with it.
    expect(seenAt(a, c)).toMatchObject({ liveness: 'alive', state: 'normal' });
    expect(a.reader.ring()!.fingerprint).toBe(before);
    expect(mover.told).toEqual([]);
    const request = { operation: 'decommission', hostId: c.hostId } as const;
    for (const node of [a, c]) {
      expect(ruleOf(ask(world, node, { kind: 'beginOperation', request, force: true }))).toBe('drained');
    }
    b.crash();
    const joiner = world.addNode([a.address], { tokens: 4, movements: true });
    joiner.start();
    expect(world.runUntil(() => joiner.ready, 60_000)).toBe(true);
    b.start();
    c.stop();
    expect(world.runUntil(() => seenAt(a, c).liveness === 'dead', 3_000)).toBe(true);
    c.start();
    const isBack = (): boolean => seenAt(a, c).liveness === 'alive' && seenAt(a, c).mode === 'ok';
    expect(world.runUntil(isBack, 20_000)).toBe(true);
    expect(ask(world, a, { kind: 'beginOperation', request, force: true })).toMatchObject({ ok: {} });
    expect(world.runUntil(() => c.left && settled(world), 30_000)).toBe(true);
  });
});

describe('overload', () => {
  it('is shown to all until it is over, is no death, and says nothing over a drain or a restart to come', () => {
    const world = new World(903);
    new InvariantWatch(world);
    const [a, b, c] = movingCluster(world, 3, 2) as Nodes;
    const seen = (mode: string): boolean => [a, b].every((node) => seenAt(node, c).mode === mode);
    c.step({ kind: 'overloaded', overloaded: true });
    expect(world.runUntil(() => seen('overloaded'), 5_000)).toBe(true);
    world.run(10_000);
    expect(seenAt(a, c)).toMatchObject({ liveness: 'alive', mode: 'overloaded' });
    expect(c.events.flatMap((event) => (event.kind === 'log' ? [event.event] : []))).toContain('overloaded');
    c.step({ kind: 'overloaded', overloaded: false });
    expect(world.runUntil(() => seen('ok'), 5_000)).toBe(true);
    expect(ask(world, c, { kind: 'planRestart', leaseMs: 30_000 })).toMatchObject({ ok: null });
    c.step({ kind: 'overloaded', overloaded: true });
    world.run(5_000);
    expect(seen('restarting')).toBe(true);
    expect(ask(world, c, { kind: 'drain' })).toMatchObject({ ok: null });
    c.step({ kind: 'overloaded', overloaded: false });
    world.run(5_000);
    expect(seen('drained')).toBe(true);
  });
});

describe('a process that stands still', () => {
  it('says so itself, for the others know only that it was silent; not when it was for a moment', () => {
    const world = new World(904);
    const [a] = movingCluster(world, 3, 2) as Nodes;
    const said = (): string[] =>
      a.events.flatMap((event) => (event.kind === 'log' && event.event === 'stalled' ? [event.message] : []));
    a.step({ kind: 'stalled', forMs: 1_200 });
    expect(said()).toEqual([]);
    a.step({ kind: 'stalled', forMs: 35_100 });
    expect(said()).toEqual([expect.stringContaining('35.1 s')]);
  });
});

describe('planned restart', () => {
  it('is shown as restarting through stop and absence, and as ok once it is back', () => {
    const world = new World(902);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b, c] = movingCluster(world, 3, 2) as Nodes;
    for (const leaseMs of [0, -1, Number.NaN, 25 * 3_600_000]) {
      expect(ask(world, c, { kind: 'planRestart', leaseMs })).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
    }
    expect(ask(world, c, { kind: 'planRestart', leaseMs: 60_000 })).toMatchObject({ ok: null });
    expect(world.runUntil(() => [a, b].every((node) => seenAt(node, c).mode === 'restarting'), 5_000)).toBe(true);
    expect(seenAt(a, c).liveness).toBe('alive');
    c.stop();
    world.run(3_000);
    expect(seenAt(a, c)).toMatchObject({ liveness: 'dead', mode: 'restarting', state: 'normal' });
    c.start();
    const isBack = (): boolean =>
      [a, b].every((node) => seenAt(node, c).liveness === 'alive' && seenAt(node, c).mode === 'ok');
    expect(world.runUntil(isBack, 20_000)).toBe(true);
    expect(mover.told).toEqual([]);
  });

  it('that did not come within its lease is over for all, with word of what the node is now, so that listeners hear it', () => {
    const world = new World(904);
    new InvariantWatch(world);
    const [a, b, c] = movingCluster(world, 3, 2) as Nodes;
    const said = (node: SimulatedNode) => node.reader.endpointState(c.hostId)?.values.get('MODE')?.value ?? null;
    for (const overloaded of [false, true]) {
      ask(world, c, { kind: 'planRestart', leaseMs: 10_000 });
      c.step({ kind: 'overloaded', overloaded });
      world.run(5_000);
      expect([a, b].map((node) => seenAt(node, c).mode)).toEqual(['restarting', 'restarting']);
      world.run(10_000);
      expect([a, b].map(said)).toEqual(overloaded ? ['OVERLOADED', 'OVERLOADED'] : [null, null]);
    }
  });

  it('that takes longer than its lease is an absence like any other, and the dead one can be removed', () => {
    const world = new World(903);
    new DataMover(world);
    const [a, , c] = movingCluster(world, 3, 2) as Nodes;
    const gone = c.hostId;
    ask(world, c, { kind: 'planRestart', leaseMs: 20_000 });
    world.run(2_000);
    c.stop();
    world.run(15_000);
    expect(seenAt(a, c)).toMatchObject({ liveness: 'dead', mode: 'restarting' });
    world.run(5_000);
    expect(seenAt(a, c)).toMatchObject({ liveness: 'dead', mode: 'ok' });
    const request = { operation: 'removenode', hostId: gone } as const;
    expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toMatchObject({ ok: {} });
    expect(world.runUntil(() => settled(world) && a.reader.ring()!.natural.length === 2, 30_000)).toBe(true);
  });
});
