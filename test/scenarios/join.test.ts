import { describe, expect, it } from 'vitest';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode];

const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
const ids = (members: readonly { readonly hostId: string }[]): string[] => members.map(({ hostId }) => hostId);

/** A node that joins the ring of `seed`, started. */
function joining(world: World, seed: SimulatedNode, config: Parameters<World['addNode']>[1] = {}): SimulatedNode {
  const node = world.addNode([seed.address], { tokens: 4, movements: true, ...config });
  node.start();
  return node;
}

describe('a join', () => {
  it('B02 pending, then none: only the joiner is pending, reads find it once its data is there, and zero pends after', () => {
    const world = new World(202);
    const mover = new DataMover(world);
    mover.takesMs = 3_000;
    const [a, b] = movingCluster(world, 2, 2) as Nodes;
    const joiner = joining(world, a);
    const seen = new Set<string>();
    const looked = new WeakSet<object>();
    world.observe((node) => {
      const router = node.reader.router();
      const { state } = node.reader.register;
      if (!joiner.running || router === null || state?.members.get(joiner.hostId) === undefined) return;
      // A router never changes.
      if (looked.has(router)) return;
      looked.add(router);
      const step = state.operation?.step ?? 'none';
      for (const range of router.ranges('app')) {
        const { replicas, pending } = router.routeToken(range.range.right, 'app');
        if (step === 'begin') {
          expect(ids(replicas)).not.toContain(joiner.hostId);
          if (pending.length > 0) expect(ids(pending)).toEqual([joiner.hostId]);
        }
        if (step === 'none') expect(pending).toEqual([]);
        if (pending.length > 0) seen.add(`${node.address} pending at ${step}`);
        if (ids(replicas).includes(joiner.hostId)) seen.add(`${node.address} read at ${step}`);
      }
    });
    expect(world.runUntil(() => mover.told.length > 0, 20_000)).toBe(true);
    world.run(1_000);
    for (const node of [a, b]) {
      expect(seen).toContain(`${node.address} pending at begin`);
      expect(seen).not.toContain(`${node.address} read at switch`);
    }
    expect(world.runUntil(() => joiner.ready && settled(world), 20_000)).toBe(true);
    world.run(1_000);
    for (const node of [a, b, joiner]) expect(seen).toContain(`${node.address} read at none`);
  });

  it('B01 sources: a joiner that is in its own seed list moves its data as any other does', () => {
    const world = new World(201);
    const mover = new DataMover(world);
    const [a] = movingCluster(world, 3, 2) as Nodes;
    const address = '10.0.1.1:7600';
    const joiner = world.addNode([address, a.address], { tokens: 4, movements: true }, address);
    joiner.start();
    expect(world.runUntil(() => joiner.ready, 60_000)).toBe(true);
    expect(mover.of(joiner.hostId).map(({ role }) => role)).toContain('gain');
    expect(joiner.clusterId).toBe(a.clusterId);
  });

  it('B03 strict source down: with one replica the joiner waits and is told who is missing, until that one is given up', () => {
    const world = new World(203);
    new InvariantWatch(world);
    new DataMover(world);
    const [a, b, c] = movingCluster(world, 3, 1) as Nodes;
    const dead = c.hostId;
    c.crash();
    expect(world.runUntil(() => isDead(a, dead) && isDead(b, dead), 60_000)).toBe(true);
    const { epoch } = a.reader.register.position;
    const joiner = joining(world, a);
    world.run(10_000);
    expect(joiner.ready).toBe(false);
    expect(joiner.reader.waitingFor.join()).toContain(dead);
    expect(a.reader.register.position.epoch).toBe(epoch);
    expect(ask(world, a, { kind: 'forceRemove', hostId: dead, force: false })).toMatchObject({ ok: {} });
    expect(world.runUntil(() => joiner.ready, 20_000)).toBe(true);
  });

  it('B03 strict source down: a joiner that is not strict joins, with a warning, and what only the dead one held is not moved', () => {
    const world = new World(203);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b, c] = movingCluster(world, 3, 1) as Nodes;
    const dead = c.hostId;
    c.crash();
    expect(world.runUntil(() => isDead(a, dead) && isDead(b, dead), 60_000)).toBe(true);
    const joiner = joining(world, a, { strictJoin: false });
    expect(world.runUntil(() => joiner.ready, 30_000)).toBe(true);
    const begins = a.reader.register.log.records.filter(({ operation }) => operation === 'bootstrap');
    expect(begins.at(-1)).toMatchObject({ strict: false, subjects: [{ hostId: joiner.hostId }] });
    const told = [a, b].flatMap(({ events }) =>
      events.filter((event) => event.kind === 'log' && event.event === 'notStrict'),
    );
    expect(JSON.stringify(told)).toContain(dead);
    const gained = mover.told.filter(({ role }) => role === 'gain');
    expect(gained.length).toBeGreaterThan(0);
    for (const { movement } of gained) expect(movement.sources).not.toContain(dead);
  });

  it('B03 strict source down: with two replicas the one that lives is read, and the join succeeds', () => {
    const world = new World(204);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b, c] = movingCluster(world, 3, 2) as Nodes;
    const dead = c.hostId;
    c.crash();
    expect(world.runUntil(() => isDead(a, dead) && isDead(b, dead), 60_000)).toBe(true);
    const joiner = joining(world, a);
    expect(world.runUntil(() => joiner.ready, 30_000)).toBe(true);
    const gained = mover.told.filter(({ role }) => role === 'gain');
    expect(gained.length).toBeGreaterThan(0);
    for (const { movement } of gained) expect(movement.sources).not.toContain(dead);
  });

  it('B11 resume or reset: while one of its movements has failed a join is no join; resumed, only that one is asked for', () => {
    const world = new World(211);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b, c] = movingCluster(world, 3, 1, { tokens: 16 }) as Nodes;
    let failures = 0;
    mover.fault = ({ role }) => (role === 'gain' && failures++ === 0 ? 'disk full' : null);
    const joiner = joining(world, a);
    world.run(15_000);
    expect(a.reader.register.state!.operation).toMatchObject({ kind: 'bootstrap', step: 'begin' });
    expect(joiner.ready).toBe(false);
    // To join again is refused: it is joining.
    expect(ask(world, joiner, { kind: 'join' })).toMatchObject({ error: { details: { rule: 'alreadyJoined' } } });
    expect([a, b, c].flatMap((node) => node.reader.operationWaitingFor).join()).toContain('disk full');
    expect(joiner.reader.waitingFor).toEqual([
      expect.stringMatching(/JOINING$/),
      'a movement failed here: disk full; resume it, or abort',
    ]);
    const gained = () => mover.told.filter(({ role }) => role === 'gain').map(({ movement }) => movement.id);
    const all = gained();
    expect(new Set(all).size).toBeGreaterThan(2);
    const { operationId } = a.reader.register.state!.operation!;
    expect(ask(world, b, { kind: 'resumeOperation', operationId })).toMatchObject({ ok: expect.any(Number) });
    expect(world.runUntil(() => joiner.ready && settled(world), 30_000)).toBe(true);
    expect(gained().slice(all.length)).toEqual([all[0]]);
  });

  it('B11 resume or reset: a restart asks for what is missing alone; one with an empty disk asks for all ranges again', () => {
    for (const reset of [false, true]) {
      const world = new World(212);
      new InvariantWatch(world);
      const mover = new DataMover(world);
      const [a] = movingCluster(world, 3, 1, { tokens: 16 }) as Nodes;
      let failures = 0;
      mover.fault = ({ role }) => (role === 'gain' && failures++ === 0 ? 'disk full' : null);
      const joiner = joining(world, a);
      world.run(15_000);
      expect(joiner.ready).toBe(false);
      const first = joiner.hostId;
      const gained = () => mover.told.filter(({ role }) => role === 'gain');
      const before = gained().length;
      joiner.crash();
      if (reset) joiner.replaceDisk(null);
      joiner.start();
      expect(world.runUntil(() => joiner.ready && settled(world), 120_000)).toBe(true);
      const again = gained().slice(before);
      if (reset) {
        expect(joiner.hostId).not.toBe(first);
        expect(a.reader.register.state!.members.has(first)).toBe(false);
        expect(again.length).toBe(before);
        expect(again.every(({ node }) => node === joiner)).toBe(true);
      } else {
        expect(joiner.hostId).toBe(first);
        expect(again.map(({ movement }) => movement.id)).toEqual([gained()[0]!.movement.id]);
      }
    }
  });

  it('B13 nothing to move: more replicas than nodes, a datacenter without data, and no keyspace block no join', () => {
    const world = new World(213);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a] = movingCluster(world, 1, 3) as Nodes;
    const second = joining(world, a);
    expect(world.runUntil(() => second.ready, 20_000)).toBe(true);
    expect(mover.of(second.hostId).every(({ role }) => role === 'gain')).toBe(true);
    const far = { class: 'NetworkTopologyStrategy', dc1: 3 };
    ask(world, a, { kind: 'dropSchema', type: 'keyspace', name: 'app' });
    ask(world, a, { kind: 'putSchema', type: 'keyspace', name: 'near', replication: far, document: null });
    world.run(3_000);
    const told = mover.told.length;
    const elsewhere = joining(world, a, { datacenter: 'dc2' });
    expect(world.runUntil(() => elsewhere.ready, 20_000)).toBe(true);
    ask(world, a, { kind: 'dropSchema', type: 'keyspace', name: 'near' });
    world.run(3_000);
    const third = joining(world, a);
    expect(world.runUntil(() => third.ready, 20_000)).toBe(true);
    expect(mover.told).toHaveLength(told);
    expect(a.reader.ring()!.natural).toHaveLength(4);
  });

  it.each([
    { pauseMs: 20_000, stays: true },
    { pauseMs: 180_000, stays: false },
  ])(
    'B15 joiner forgotten: after a pause of $pauseMs ms it is still pending ($stays), or joins anew; never silently NORMAL',
    ({ pauseMs, stays }) => {
      const world = new World(215);
      new InvariantWatch(world);
      const mover = new DataMover(world);
      mover.takesMs = 30_000;
      const [a, b] = movingCluster(world, 3, 2) as Nodes;
      const joiner = joining(world, a, { observerTimeoutMs: 10_000 });
      expect(world.runUntil(() => mover.told.some(({ node }) => node === joiner), 20_000)).toBe(true);
      const first = a.reader.register.state!.operation!.operationId;
      world.stall(joiner, pauseMs);
      world.run(pauseMs - 1_000);
      const pending = (node: SimulatedNode): boolean =>
        node.reader
          .router()!
          .ranges('app')
          .some(({ range }) =>
            node.reader
              .router()!
              .routeToken(range.right, 'app')
              .pending.some((each) => each.hostId === joiner.hostId),
          );
      for (const node of [a, b]) {
        expect(pending(node)).toBe(stays);
        expect(node.reader.register.state!.members.get(joiner.hostId)?.state).toBe(stays ? 'joining' : undefined);
      }
      const { records } = a.reader.register.log;
      expect(records.some(({ kind, operationId }) => kind === 'abort' && operationId === first)).toBe(!stays);
      expect(world.runUntil(() => joiner.ready && settled(world), 180_000)).toBe(true);
      // What made it NORMAL is an operation whose movements it did.
      const { operationId } = a.reader.register.log.records.at(-1)!;
      expect(operationId === first).toBe(stays);
      expect(mover.told.some(({ node, movement }) => node === joiner && movement.operationId === operationId)).toBe(
        true,
      );
      if (!stays) {
        const told = joiner.events.filter((event) => event.kind === 'log' && event.event === 'joining');
        expect(told.some((event) => event.kind === 'log' && event.message.includes('aborted'))).toBe(true);
      }
    },
  );

  it('a node started without joining routes and owns nothing; asked to join later it moves its data first, and only once', () => {
    const world = new World(220);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b] = movingCluster(world, 2, 2) as Nodes;
    const observer = joining(world, a, { join: false });
    expect(world.runUntil(() => observer.ready, 20_000)).toBe(true);
    world.run(5_000);
    expect(observer.reader.router()!.routeToken(5n, 'app').replicas).toHaveLength(2);
    expect(b.reader.members().find(({ hostId }) => hostId === observer.hostId)).toMatchObject({
      state: null,
      tokens: [],
    });
    // Without joining it is nobody's voter or replica, through a restart too.
    observer.crash();
    observer.start();
    expect(world.runUntil(() => observer.ready, 20_000)).toBe(true);
    world.run(5_000);
    expect(a.reader.ring()!.natural).toHaveLength(2);
    expect(mover.told).toEqual([]);
    expect(ask(world, a, { kind: 'join' })).toMatchObject({ error: { details: { rule: 'alreadyJoined' } } });
    expect(ask(world, observer, { kind: 'join' })).toMatchObject({ ok: null });
    expect(ask(world, observer, { kind: 'join' })).toMatchObject({ error: { details: { rule: 'alreadyJoined' } } });
    const owner = (): boolean => a.reader.register.state!.members.get(observer.hostId)?.state === 'normal';
    expect(world.runUntil(() => owner() && settled(world), 30_000)).toBe(true);
    expect(mover.of(observer.hostId).length).toBeGreaterThan(0);
    // An owner it stays, whatever its configuration says.
    observer.crash();
    observer.start();
    expect(world.runUntil(() => observer.ready, 20_000)).toBe(true);
    expect(owner()).toBe(true);
    expect(ask(world, observer, { kind: 'join' })).toMatchObject({ error: { details: { rule: 'alreadyJoined' } } });
  });
});
