import { describe, expect, it } from 'vitest';
import type { ViewSurvey } from '../../src/node/command.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode];

const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';

/** Three nodes with two or three replicas, of which the last has died. */
function withDead(
  seed: number,
  factor = 3,
  ends: 'crash' | 'stop' = 'crash',
): { world: World; mover: DataMover; nodes: Nodes; dead: string } {
  const world = new World(seed);
  new InvariantWatch(world);
  const mover = new DataMover(world);
  const nodes = movingCluster(world, 3, factor) as Nodes;
  const dead = nodes[2].hostId;
  nodes[2][ends]();
  if (!world.runUntil(() => isDead(nodes[0], dead) && isDead(nodes[1], dead), 60_000)) throw new Error('not dead');
  return { world, mover, nodes, dead };
}

const replacing = (world: World, seed: SimulatedNode, dead: string, address?: string): SimulatedNode => {
  const node = world.addNode([seed.address], { tokens: 16, movements: true, replace: dead }, address);
  node.start();
  return node;
};

describe('replace', () => {
  it.each([
    { at: 'the same address', ended: 'killed' },
    { at: 'another address', ended: 'cleanly stopped' },
  ])(
    'R01 a member that was $ended is replaced at $at: same tokens, pending are its ranges, and it is gone',
    ({ at, ended }) => {
      const { world, mover, nodes, dead } = withDead(701, 2, ended === 'killed' ? 'crash' : 'stop');
      const [a, b, c] = nodes;
      const tokens = a.reader.register.state!.members.get(dead)!.tokens;
      const before = a.reader.router()!;
      mover.takesMs = 4_000;
      const node = replacing(world, a, dead, at === 'the same address' ? c.address : undefined);
      expect(world.runUntil(() => mover.told.length > 0, 20_000)).toBe(true);
      const newcomer = node.hostId;
      // Written, and not read: what the dead one held is pending, and nothing else.
      for (const { range } of before.ranges('app')) {
        const held = before.replicasOfToken(range.right, 'app').some(({ hostId }) => hostId === dead);
        const route = b.reader.router()!.routeToken(range.right, 'app');
        expect(route.pending.map(({ hostId }) => hostId)).toEqual(held ? [newcomer] : []);
        expect(route.replicas.map(({ hostId }) => hostId)).not.toContain(newcomer);
      }
      expect(world.runUntil(() => node.ready && settled(world), 30_000)).toBe(true);
      const { state } = a.reader.register;
      expect([...state!.members.get(newcomer)!.tokens].sort()).toEqual([...tokens].sort());
      expect(state!.removed.has(dead)).toBe(true);
      expect(mover.told.every(({ movement }) => !movement.sources.includes(dead))).toBe(true);
      world.run(5_000);
      for (const each of [a, b, node]) {
        expect(each.reader.members().map(({ hostId }) => hostId)).not.toContain(dead);
        expect(each.diskCopy().peers.map(({ hostId }) => hostId)).not.toContain(dead);
      }
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

  it('is shown with the newcomer alone as who moves data: the voter that drives it has nothing to be told', () => {
    const { world, mover, nodes, dead } = withDead(701, 2);
    const [a] = nodes;
    mover.takesMs = 4_000;
    const node = replacing(world, a, dead);
    expect(world.runUntil(() => mover.told.length > 0, 20_000)).toBe(true);
    const { answers } = (ask(world, a, { kind: 'surveyOperation', timeoutMs: 1_000 }) as { ok: ViewSurvey }).ok;
    const totals = answers.map(({ hostId, operation }) => [hostId, operation?.movements?.total]);
    expect(totals).toHaveLength(2);
    for (const [hostId, total] of totals) expect(total).toBe(hostId === node.hostId ? mover.told.length : 0);
  });

  it.each([false, true])(
    'R03 after a full stop one that never comes back is replaced, by what is on disk (one stayed up: %s)',
    (oneStayedUp) => {
      const world = new World(706);
      new InvariantWatch(world);
      new DataMover(world);
      const [a, b, c] = movingCluster(world, 3, 2) as Nodes;
      const dead = c.hostId;
      const tokens = [...a.reader.register.state!.members.get(dead)!.tokens].sort();
      for (const node of oneStayedUp ? [a, c] : [a, b, c]) node.crash();
      world.run(5_000);
      a.start();
      expect(world.runUntil(() => a.ready, 10_000)).toBe(true);
      // It was never heard of in this life: the store alone tells of it.
      const newcomer = replacing(world, a, dead);
      world.run(30_000);
      if (!oneStayedUp) {
        // One of three decides nothing, and says whom it needs.
        expect(newcomer.ready).toBe(false);
        expect([...a.reader.operationWaitingFor, ...newcomer.reader.waitingFor].join()).not.toBe('');
        b.start();
      }
      expect(world.runUntil(() => newcomer.ready && settled(world), 120_000)).toBe(true);
      expect([...b.reader.register.state!.members.get(newcomer.hostId)!.tokens].sort()).toEqual(tokens);
      expect(b.reader.ring()!.fingerprint).toBe(a.reader.ring()!.fingerprint);
      expect(b.reader.register.state!.removed.has(dead)).toBe(true);
    },
  );

  it('R04 a member that has a place of its own takes no other; one that has taken it starts with that order again', () => {
    const { world, nodes, dead } = withDead(703, 2);
    const [a, b] = nodes;
    const again = (node: SimulatedNode, replace: string): SimulatedNode => {
      const disk = node.diskCopy();
      node.crash();
      const next = world.addNode([a.address], { tokens: 4, movements: true, replace }, node.address);
      next.replaceDisk(disk);
      next.start();
      return next;
    };
    const greedy = again(b, dead);
    world.run(5_000);
    expect(greedy.fatal).toMatchObject({ code: 'REFUSED', message: expect.stringContaining(dead) });
    expect(a.reader.register.state!.members.get(dead)?.state).toBe('normal');
    // The address leads to the node with the old order again.
    world.move(b, b.address);
    b.start();
    const newcomer = replacing(world, a, dead);
    expect(world.runUntil(() => newcomer.ready, 60_000)).toBe(true);
    const restarted = again(newcomer, dead);
    expect(world.runUntil(() => restarted.ready, 20_000)).toBe(true);
  });

  it('R04 no cluster to be had: whoever is to take a place founds no ring of its own', () => {
    const world = new World(703);
    const lost = world.addNode([], { replace: '00000000-0000-4000-8000-000000000000', found: true });
    lost.start();
    expect(world.runUntil(() => lost.fatal !== null, 20_000)).toBe(true);
    expect(lost.fatal).toMatchObject({ code: 'INVALID_CONFIG', hint: expect.stringContaining('--found') });
    expect(lost.clusterId).toBeNull();
  });

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

  it.each([
    { sleepMs: 5_000, at: 'another address', start: 'plain' },
    { sleepMs: 120_000, at: 'another address', start: 'plain' },
    { sleepMs: 5_000, at: 'the same address', start: 'plain' },
    { sleepMs: 5_000, at: 'the same address', start: 'replace' },
    { sleepMs: 120_000, at: 'the same address', start: 'replace' },
  ])(
    'B07 interrupted replace at $at: a $start start $sleepMs ms later goes on with it, aborted meanwhile or not',
    ({ sleepMs, at, start }) => {
      const { world, mover, nodes, dead } = withDead(703);
      const [a, , c] = nodes;
      mover.takesMs = 3_000;
      const node = replacing(world, a, dead, at === 'the same address' ? c.address : undefined);
      expect(world.runUntil(() => mover.told.length > 0, 20_000)).toBe(true);
      world.run(1_500);
      node.crash();
      world.run(sleepMs);
      if (start === 'plain') Object.assign(node.config, { replace: null });
      node.start();
      expect(world.runUntil(() => node.ready && settled(world), 60_000)).toBe(true);
      expect(a.reader.register.state!.removed.has(dead)).toBe(true);
      expect(a.reader.ring()!.natural).toHaveLength(3);
    },
  );

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

  it('R06 failed replace: after an abort, or with an empty disk, all of it is asked for again', () => {
    for (const wiped of [false, true]) {
      const { world, mover, nodes, dead } = withDead(707, 2);
      const [a, b] = nodes;
      let failures = 0;
      mover.fault = () => (failures++ === 1 ? 'no route' : null);
      const node = replacing(world, a, dead);
      world.run(20_000);
      const first = node.hostId;
      const { operationId } = a.reader.register.state!.operation!;
      const before = mover.told.length;
      if (wiped) {
        node.crash();
        node.replaceDisk(null);
        node.start();
      } else {
        expect(ask(world, b, { kind: 'abortOperation', operationId })).toMatchObject({ ok: { kind: 'abort' } });
      }
      expect(world.runUntil(() => node.ready && settled(world), 120_000)).toBe(true);
      expect(node.hostId === first).toBe(!wiped);
      expect(mover.told).toHaveLength(2 * before);
      expect(a.reader.register.state!.removed.has(dead)).toBe(true);
      // Who was aborted left nothing behind.
      expect(a.reader.ring()!.natural).toHaveLength(3);
      expect(world.runUntil(() => a.reader.members().length === 3, 60_000)).toBe(true);
    }
  });

  it('R07 two at once: one waits for the other, and pending are exactly the ranges of whom each replaces', () => {
    const world = new World(708);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    mover.takesMs = 4_000;
    const nodes = movingCluster(world, 6, 3, (index) => ({ tokens: 1, initialTokens: [BigInt(index * 10)] }));
    const [a, b] = nodes as Nodes;
    const [n1, n4] = [a, nodes[3]!];
    const dead = [n1.hostId, n4.hostId];
    for (const node of [n1, n4]) node.crash();
    expect(world.runUntil(() => dead.every((hostId) => isDead(b, hostId)), 90_000)).toBe(true);
    const before = b.reader.router()!;
    const newcomers = dead.map((hostId) => {
      const node = world.addNode([b.address], { tokens: 1, movements: true, replace: hostId });
      node.start();
      return node;
    });
    const replaced = new Map<string, string>();
    const looked: string[] = [];
    world.observe((node) => {
      const operation = node.reader.register.state?.operation;
      if (node !== b || operation?.kind !== 'replace' || operation.step !== 'begin') return;
      if (looked.includes(operation.operationId)) return;
      looked.push(operation.operationId);
      const newcomer = operation.subjects[0]!.hostId;
      replaced.set(newcomer, operation.replaces!);
      for (let token = 0n; token <= 50n; token += 10n) {
        const { pending } = b.reader.router()!.routeToken(token, 'app');
        const held = before.replicasOfToken(token, 'app').some(({ hostId }) => hostId === operation.replaces);
        expect(pending.map(({ hostId }) => hostId)).toEqual(held ? [newcomer] : []);
      }
    });
    expect(world.runUntil(() => newcomers.every((node) => node.ready) && settled(world), 120_000)).toBe(true);
    expect(looked).toHaveLength(2);
    for (const [index, node] of newcomers.entries()) {
      expect(replaced.get(node.hostId)).toBe(dead[index]);
      expect(b.reader.register.state!.members.get(node.hostId)?.tokens).toEqual([BigInt(index * 30)]);
    }
    expect(b.reader.ring()!.natural).toHaveLength(6);
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
    // By its own store now, which is asked of no member while none is in reach.
    const others = world.nodes.filter((other) => other !== c);
    world.network.partition([[c.address], others.map(({ address }) => address)]);
    c.start();
    expect(world.runUntil(() => !c.running, 120_000)).toBe(true);
    expect(c.fatal?.code).toBe('REMOVED');
  });

  it('R08 old node returns with its data: readmitted, it comes back as a newcomer, with other tokens and what is its own moved to it', () => {
    const { world, nodes, dead, mover } = withDead(706);
    const [a, , c] = nodes;
    const node = replacing(world, a, dead);
    expect(world.runUntil(() => node.ready && settled(world), 60_000)).toBe(true);
    const held = a.reader.register.state!.members.get(node.hostId)!.tokens;
    expect(ask(world, a, { kind: 'readmit', hostId: dead, force: false })).toMatchObject({ ok: {} });
    // The first start learns that it was removed while it was away, and the next one that this was lifted.
    for (let start = 0; start < 2; start++) {
      c.start();
      world.runUntil(() => !c.running || c.ready, 60_000);
    }
    expect(c.fatal).toBeNull();
    expect(world.runUntil(() => c.ready && settled(world), 60_000)).toBe(true);
    expect(c.hostId).toBe(dead);
    const members = a.reader.register.state!.members;
    expect(members.get(dead)).toMatchObject({ state: 'normal' });
    expect(members.get(dead)!.tokens.filter((token) => held.includes(token))).toEqual([]);
    expect(mover.told.some((told) => told.node === c && told.role === 'gain')).toBe(true);
  });
});
