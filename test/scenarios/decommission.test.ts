import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import type { Message } from '../../src/node/message.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';
import { singleMessages } from '../sim/single-messages.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];

const leave = (hostId: string, force = false) =>
  ({ kind: 'beginOperation', request: { operation: 'decommission', hostId }, force }) as const;
const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
const ruleOf = (result: object): unknown =>
  'error' in result && result.error instanceof RingError ? result.error.details.rule : result;

/**
 * Two nodes, of which the second leaves and decides its `end` with the first's acceptance. The first does not learn of it,
 * nor can it propose: and records that it sent before, about earlier steps, arrive only now.
 */
function loneLeaver(seed: number) {
  const world = new World(seed);
  new DataMover(world);
  const [a, b] = movingCluster(world, 2, 1) as Nodes;
  const leaver = b.hostId;
  const isGone = (): boolean => b.reader.register.state?.removed.has(leaver) === true;
  let isLost = true;
  let late: Message | null = null;
  world.tap((from, _to, _channel, message) => {
    if (!isLost || !a.running || !b.running) return true;
    if (from === b) return !isGone();
    const [records] = singleMessages(message).filter(({ kind }) => kind === 'records');
    late ??= records ?? null;
    const atSwitch = a.reader.register.state!.operation?.step === 'switch';
    return !atSwitch || !singleMessages(message).some(({ kind }) => kind === 'prepare' || kind === 'accept');
  });
  b.command(leave(leaver));
  expect(world.runUntil(isGone, 30_000)).toBe(true);
  b.step({ kind: 'message', from: a.source, channel: 'datagram', message: late! });
  const heal = (): void => {
    isLost = false;
  };
  return { world, a, b, heal };
}

describe('decommission', () => {
  it('D01: each range goes where it belongs, the leaver is removed, silent for 10 s, and its restart is refused', () => {
    const world = new World(401);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b, , d] = movingCluster(world, 4, 2) as Nodes;
    const leaver = d.hostId;
    const owned = a.reader.router()!.ownership('app');
    const share = owned.get(leaver)!;
    expect(ask(world, b, leave(leaver))).toMatchObject({ ok: { epoch: expect.any(Number) } });
    expect(a.reader.members().find(({ hostId }) => hostId === leaver)?.state).toBe('leaving');
    expect(world.runUntil(() => d.left && settled(world), 30_000)).toBe(true);
    expect(d.running).toBe(false);
    expect(a.reader.register.state!.removed.has(leaver)).toBe(true);

    // Every range that it held was fetched from it alone, by one new replica.
    const gained = mover.told.filter(({ role }) => role === 'gain');
    expect(gained.every(({ node, movement }) => movement.targets.join() === node.hostId)).toBe(true);
    expect(gained.every(({ movement }) => movement.sources.join() === leaver)).toBe(true);
    const width = gained
      .flatMap(({ movement }) => movement.ranges)
      .reduce((sum, { left, right }) => {
        return sum + Number(BigInt.asUintN(64, right - left)) / 2 ** 64;
      }, 0);
    expect(width).toBeCloseTo(share, 9);
    expect(
      mover.told
        .filter(({ role }) => role === 'lose')
        .map(({ movement }) => movement.id)
        .sort(),
    ).toEqual(gained.map(({ movement }) => movement.id).sort());

    let reached = 0;
    world.tap((_from, to) => {
      if (to.address === d.address) reached++;
      return true;
    });
    world.run(1_000);
    reached = 0;
    world.run(10_000);
    expect(reached).toBe(0);
    d.start();
    expect(world.runUntil(() => d.fatal !== null, 10_000)).toBe(true);
    expect(d.fatal?.code).toBe('REMOVED');
  });

  it('D01: a node of two that decommissions itself leaves once the other knows', () => {
    const world = new World(402);
    new InvariantWatch(world);
    new DataMover(world);
    const [a, b] = movingCluster(world, 2, 1) as Nodes;
    expect(ask(world, b, leave(b.hostId))).toMatchObject({ ok: {} });
    expect(world.runUntil(() => b.left, 30_000)).toBe(true);
    expect(settled(world)).toBe(true);
    expect(a.reader.ring()!.natural.map(({ hostId }) => hostId)).toEqual([a.hostId]);
  });

  it('D01: a leaver whose end nobody else has takes no earlier record for an answer, and stays until it has told one', () => {
    const { world, a, b, heal } = loneLeaver(421);
    world.run(60_000);
    expect(b.left).toBe(false);
    expect(b.events.filter((event) => event.kind === 'log' && event.event === 'untold')).toHaveLength(1);
    expect(a.reader.register.state!.operation?.step).toBe('switch');
    heal();
    expect(world.runUntil(() => b.left && settled(world), 5_000)).toBe(true);
    expect(a.reader.ring()!.natural.map(({ hostId }) => hostId)).toEqual([a.hostId]);
  });

  it('D01: a leaver does not stay for ever where all others are dead', () => {
    const { world, a, b } = loneLeaver(422);
    a.crash();
    world.run(9 * 60_000);
    expect(b.left).toBe(false);
    expect(world.runUntil(() => b.left, 2 * 60_000)).toBe(true);
  });

  it('D02 refused decommissions: unknown, twice, another open, too few replicas, removed; state unchanged; force works', () => {
    const world = new World(403);
    const mover = new DataMover(world);
    mover.takesMs = 5_000;
    const [a, b, c, d] = movingCluster(world, 4, 3) as Nodes;
    const before = a.reader.register.position;
    expect(ruleOf(ask(world, a, leave('00000000-0000-4000-8000-000000000000')))).toBe('unknownHost');
    expect(a.reader.register.position).toEqual(before);
    expect(ask(world, a, leave(d.hostId))).toMatchObject({ ok: {} });
    expect(ruleOf(ask(world, b, leave(d.hostId, true)))).toBe('operationOpen');
    expect(ruleOf(ask(world, c, leave(b.hostId, true)))).toBe('operationOpen');
    const gone = d.hostId;
    expect(world.runUntil(() => d.left && settled(world), 60_000)).toBe(true);
    expect(ruleOf(ask(world, a, leave(gone)))).toBe('removedHost');
    const settledAt = a.reader.register.position;
    expect(ruleOf(ask(world, a, leave(c.hostId)))).toBe('tooFewReplicas');
    expect(a.reader.register.position).toEqual(settledAt);
    expect(ask(world, a, leave(c.hostId, true))).toMatchObject({ ok: {} });
    expect(world.runUntil(() => c.left && settled(world), 60_000)).toBe(true);
  });

  it('D02 refused decommissions: the last node, a dead one, and while a dead one would have to gain ranges', () => {
    const alone = new World(404);
    const [last] = movingCluster(alone, 1, 1) as Nodes;
    expect(ruleOf(ask(alone, last, leave(last.hostId, true)))).toBe('lastOwner');

    const world = new World(408);
    new DataMover(world);
    const [a, , c, d] = movingCluster(world, 4, 2) as Nodes;
    const dead = c.hostId;
    c.crash();
    expect(world.runUntil(() => isDead(a, dead), 60_000)).toBe(true);
    expect(ruleOf(ask(world, a, leave(dead, true)))).toBe('isDead');
    const refused = ask(world, a, leave(d.hostId));
    expect(refused).toMatchObject({ error: { code: 'UNAVAILABLE', message: expect.stringContaining(dead) } });
    expect(a.reader.register.state!.operation).toBeNull();
  });

  it('D02 refused decommissions: too few replicas in its datacenter, with as many in all as before; drained; joining', () => {
    const world = new World(409);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const places = (index: number) => ({ datacenter: index < 2 ? 'dc1' : 'dc2' });
    const [a, b, , d] = movingCluster(world, 4, 2, places) as Nodes;
    const replication = { class: 'NetworkTopologyStrategy', dc1: 2, dc2: 2 };
    ask(world, a, { kind: 'putSchema', type: 'keyspace', name: 'both', replication, document: null });
    world.run(3_000);
    const before = a.reader.register.position;
    const refused = ask(world, a, leave(d.hostId));
    expect(ruleOf(refused)).toBe('tooFewReplicas');
    expect(refused).toMatchObject({ error: { message: expect.stringContaining('both has 2 replicas in dc2') } });
    expect(ask(world, b, { kind: 'drain' })).toMatchObject({ ok: null });
    world.run(3_000);
    for (const node of [a, b]) expect(ruleOf(ask(world, node, leave(b.hostId, true)))).toBe('drained');
    expect(a.reader.register.position).toEqual(before);
    mover.takesMs = 10_000;
    const joiner = world.addNode([a.address], { tokens: 4, movements: true, datacenter: 'dc2' });
    joiner.start();
    expect(world.runUntil(() => mover.told.length > 0, 20_000)).toBe(true);
    // It is joining, and data moves to its neighbours' ranges: neither it nor they may leave now.
    expect(ruleOf(ask(world, joiner, leave(joiner.hostId, true)))).toBe('notJoined');
    expect(ruleOf(ask(world, a, leave(joiner.hostId, true)))).toBe('operationOpen');
    expect(ruleOf(ask(world, a, leave(d.hostId, true)))).toBe('operationOpen');
    expect(a.reader.register.state!.members.get(d.hostId)?.state).toBe('normal');
    expect(world.runUntil(() => joiner.ready && settled(world), 60_000)).toBe(true);
    mover.takesMs = 200;
    // With three in dc2 it needs no force, and then force it is again.
    expect(ask(world, a, leave(joiner.hostId))).toMatchObject({ ok: {} });
    expect(world.runUntil(() => joiner.left && settled(world), 60_000)).toBe(true);
    expect(ask(world, a, leave(d.hostId, true))).toMatchObject({ ok: {} });
    expect(world.runUntil(() => d.left && settled(world), 60_000)).toBe(true);
  });

  it('D03 interrupted by a failed hook: it stays LEAVING, says so, and a resumption asks only for what is missing', () => {
    const world = new World(405);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b, , d] = movingCluster(world, 4, 2) as Nodes;
    let failures = 0;
    mover.fault = ({ role }) => (role === 'gain' && failures++ === 0 ? 'disk full' : null);
    expect(ask(world, d, leave(d.hostId))).toMatchObject({ ok: {} });
    world.run(20_000);
    const open = b.reader.register.state!.operation!;
    expect(open).toMatchObject({ kind: 'decommission', step: 'begin' });
    const waiting = [a, b, d].flatMap((node) => node.reader.operationWaitingFor).join('\n');
    expect(waiting).toContain('disk full');
    const before = mover.told.length;
    expect(ask(world, a, { kind: 'resumeOperation', operationId: open.operationId })).toMatchObject({
      ok: expect.any(Number),
    });
    expect(world.runUntil(() => d.left && settled(world), 30_000)).toBe(true);
    expect(mover.told.length).toBe(before + 1);
  });

  it('D03 killed while LEAVING: it resumes, and is NORMAL again only after an abort, which cancels what runs', () => {
    const world = new World(406);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, b, , d] = movingCluster(world, 4, 2) as Nodes;
    mover.takesMs = 3_600_000;
    expect(ask(world, d, leave(d.hostId))).toMatchObject({ ok: {} });
    expect(world.runUntil(() => mover.told.length > 0, 10_000)).toBe(true);
    d.crash();
    world.run(2_000);
    d.start();
    world.run(10_000);
    const { operation } = a.reader.register.state!;
    expect(operation).toMatchObject({ kind: 'decommission', step: 'begin' });
    expect(d.reader.register.state!.members.get(d.hostId)?.state).toBe('leaving');
    expect(mover.of(d.hostId).some(({ role }) => role === 'lose')).toBe(true);
    expect(ask(world, b, { kind: 'abortOperation', operationId: operation!.operationId })).toMatchObject({
      ok: { kind: 'abort' },
    });
    expect(world.runUntil(() => settled(world), 10_000)).toBe(true);
    expect(d.reader.register.state!.members.get(d.hostId)?.state).toBe('normal');
    for (const node of world.nodes) {
      const router = node.reader.router()!;
      expect(node.reader.ring()!.change).toBeNull();
      for (const { range } of router.ranges('app')) expect(router.routeToken(range.right, 'app').pending).toEqual([]);
    }
    const running = new Set(mover.told.filter(({ role }) => role === 'gain').map(({ movement }) => movement.id));
    for (const id of running) expect(mover.cancelled).toContain(id);
  });

  it('D04 a bystander that crashes in a loop meanwhile leaves no ghost, and the end waits for nobody who is not needed', () => {
    const world = new World(407);
    new InvariantWatch(world);
    new DataMover(world);
    const [a, b, c, d] = movingCluster(world, 4, 2) as Nodes;
    const bystander = c.hostId;
    expect(ask(world, d, leave(d.hostId))).toMatchObject({ ok: {} });
    for (let crash = 0; crash < 5; crash++) {
      c.crash();
      world.run(1_500);
      c.start();
      world.run(2_500);
    }
    expect(world.runUntil(() => d.left && settled(world), 60_000)).toBe(true);
    for (const node of [a, b, c]) {
      expect(
        node.reader
          .members()
          .map(({ hostId }) => hostId)
          .sort(),
      ).toEqual([a.hostId, b.hostId, bystander].sort());
      for (const member of node.reader.members()) {
        expect(member).toMatchObject({ address: expect.any(String), datacenter: 'dc1', state: 'normal' });
      }
    }
  });
});
