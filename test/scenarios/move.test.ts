import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];

const move = (hostId: string, ...tokens: bigint[]) =>
  ({ kind: 'beginOperation', request: { operation: 'move', hostId, tokens }, force: false }) as const;
const alter = (keyspace: string, factor: number) =>
  ({
    kind: 'beginOperation',
    request: {
      operation: 'alterReplication',
      keyspace,
      replication: { class: 'SimpleStrategy', replication_factor: factor },
    },
    force: false,
  }) as const;
const ruleOf = (result: object): unknown =>
  'error' in result && result.error instanceof RingError ? result.error.details.rule : result;
const tokensOf = (node: SimulatedNode, hostId: string): readonly bigint[] =>
  node.reader.register.state!.members.get(hostId)!.tokens;

describe('move', () => {
  it('M01: the mover reads and writes by its old token until the end, then owns the new one, and data moved both ways', () => {
    const world = new World(601);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    mover.takesMs = 3_000;
    const [a, b, , d] = movingCluster(world, 4, 2, { tokens: 1 }) as Nodes;
    const old = tokensOf(a, d.hostId);
    const token = tokensOf(a, b.hostId)[0]! + 1_000n;
    expect(ask(world, a, move(d.hostId, token))).toMatchObject({ ok: {} });
    world.run(1_500);
    expect(a.reader.members().find(({ hostId }) => hostId === d.hostId)).toMatchObject({
      state: 'moving',
      tokens: old,
    });
    expect(a.reader.router()!.routeToken(token, 'app').pending.length).toBeGreaterThan(0);
    expect(world.runUntil(() => settled(world), 30_000)).toBe(true);
    expect(tokensOf(a, d.hostId)).toEqual([token]);
    expect(a.reader.members().find(({ hostId }) => hostId === d.hostId)?.state).toBe('normal');
    expect(mover.told.some(({ node, role }) => node === d && role === 'gain')).toBe(true);
    expect(mover.told.some(({ node, role }) => node === d && role === 'lose')).toBe(true);
  });

  it('M03 refused moves: several tokens, a token that is taken, the same one, none, a drained mover and a dead one', () => {
    const world = new World(602);
    const [a, b, c] = movingCluster(world, 3, 2, (index) => ({ tokens: index === 1 ? 2 : 1 })) as Nodes;
    const before = a.reader.register.position;
    expect(ruleOf(ask(world, b, move(b.hostId, 5n)))).toBe('severalTokens');
    expect(ruleOf(ask(world, a, move(a.hostId, tokensOf(a, b.hostId)[0]!)))).toBe('tokenTaken');
    expect(ruleOf(ask(world, a, move(a.hostId, tokensOf(a, a.hostId)[0]!)))).toBe('sameToken');
    expect(ruleOf(ask(world, a, move(a.hostId)))).toBe('badToken');
    expect(ruleOf(ask(world, a, move(a.hostId, -(2n ** 63n))))).toBe('badToken');
    const mover = c.hostId;
    expect(ask(world, c, { kind: 'drain' })).toMatchObject({ ok: null });
    expect(world.runUntil(() => a.reader.members().some(({ mode }) => mode === 'drained'), 5_000)).toBe(true);
    for (const node of [a, c]) expect(ruleOf(ask(world, node, move(mover, 5n)))).toBe('drained');
    c.crash();
    const dead = (): boolean => a.reader.members().find(({ hostId }) => hostId === mover)?.liveness === 'dead';
    expect(world.runUntil(dead, 60_000)).toBe(true);
    expect(ruleOf(ask(world, a, move(mover, 5n)))).toBe('isDead');
    expect(a.reader.register.position).toEqual(before);
  });
});

describe('move by force', () => {
  it('takes the ranges of a dead host that nobody else holds, which is refused without force, and says so in the history', () => {
    const world = new World(604);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const nodes = movingCluster(world, 4, 1, { tokens: 1 });
    const at = (node: SimulatedNode): bigint => tokensOf(nodes[0]!, node.hostId)[0]!;
    const [first, second, , last] = [...nodes].sort((left, right) => (at(left) < at(right) ? -1 : 1)) as Nodes;
    const token = at(last) - 1_000n;
    const { hostId } = last;
    last.crash();
    const dead = (): boolean => second.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
    expect(world.runUntil(dead, 60_000)).toBe(true);
    expect(ask(world, second, move(first.hostId, token))).toMatchObject({
      error: { code: 'UNAVAILABLE', message: expect.stringContaining(hostId) },
    });
    expect(ask(world, second, { ...move(first.hostId, token), force: true })).toMatchObject({ ok: {} });
    expect(second.reader.register.state?.operation).toMatchObject({ kind: 'move', strict: false });
    expect(world.runUntil(() => second.reader.register.state?.operation === null, 30_000)).toBe(true);
    expect(tokensOf(second, first.hostId)).toEqual([token]);
    const sources = mover.told.flatMap(({ movement }) => movement.sources);
    expect(sources.length).toBeGreaterThan(0);
    expect(sources).not.toContain(hostId);
  });
});

describe('what a plan is refused for', () => {
  it('is what the operation is refused for, whichever it is', () => {
    const world = new World(605);
    const nodes = movingCluster(world, 4, 2, { tokens: 1 });
    const [a, b, c, d] = nodes as Nodes;
    d.crash();
    expect(ask(world, c, { kind: 'drain' })).toMatchObject({ ok: null });
    world.run(30_000);
    const hosts = [...nodes.map(({ hostId }) => hostId), '00000000-0000-4000-8000-000000000000'];
    const requests = [
      ...hosts.flatMap((hostId) => [
        { operation: 'decommission', hostId } as const,
        { operation: 'removenode', hostId } as const,
        { operation: 'move', hostId, tokens: [tokensOf(a, b.hostId)[0]!] } as const,
      ]),
      alter('app', 2).request,
      alter('nope', 2).request,
    ];
    let refused = 0;
    for (const request of requests) {
      const refusal = a.reader.refusalOf(request as Parameters<typeof a.reader.refusalOf>[0]);
      if (refusal === null) continue;
      refused++;
      const told = ask(world, a, { kind: 'beginOperation', request, force: false } as Parameters<typeof ask>[2]);
      expect(told).toMatchObject({ error: { message: refusal.message, details: refusal.details } });
    }
    expect(refused).toBeGreaterThan(10);
    // What nothing speaks against begins.
    const request = { operation: 'removenode', hostId: d.hostId } as const;
    expect(a.reader.refusalOf(request)).toBeNull();
    expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toMatchObject({ ok: {} });
  });
});

describe('move while data moves', () => {
  it('M03 refused moves: ranges are pending at the mover, because another leaves', () => {
    const world = new World(603);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    mover.takesMs = 5_000;
    const [a, b, , d] = movingCluster(world, 4, 2, { tokens: 1 }) as Nodes;
    const request = { operation: 'decommission', hostId: d.hostId } as const;
    const held = tokensOf(a, d.hostId)[0]!;
    expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toMatchObject({ ok: {} });
    world.run(1_000);
    const gainer = a.reader.router()!.routeToken(held, 'app').pending[0]!.hostId;
    const before = a.reader.register.position;
    for (const node of [a, b]) expect(ruleOf(ask(world, node, move(gainer, 5n)))).toBe('operationOpen');
    // Force makes nothing possible that is not.
    const forced = {
      kind: 'beginOperation',
      request: { operation: 'move', hostId: gainer, tokens: [5n] },
      force: true,
    };
    expect(ruleOf(ask(world, a, forced as Parameters<typeof ask>[2]))).toBe('operationOpen');
    expect(a.reader.register.position).toEqual(before);
    expect(world.runUntil(() => d.left && settled(world), 60_000)).toBe(true);
    expect(ask(world, a, move(gainer, 5n))).toMatchObject({ ok: {} });
    expect(world.runUntil(() => settled(world), 60_000)).toBe(true);
    expect(tokensOf(a, gainer)).toEqual([5n]);
  });
});

describe('move that is interrupted by a clean stop', () => {
  it.each(['a restart', 'an abort'] as const)(
    'G09 stop while moving: the mover is down at once and still the owner, its ranges stay pending until %s',
    (goesOn) => {
      const world = new World(604);
      new InvariantWatch(world);
      const mover = new DataMover(world);
      mover.takesMs = 5_000;
      const [a, b, c, d] = movingCluster(world, 4, 2, { tokens: 1 }) as Nodes;
      const others = [a, b, c];
      const { hostId } = d;
      const old = tokensOf(a, hostId);
      const token = tokensOf(a, b.hostId)[0]! + 1_000n;
      expect(ask(world, a, move(hostId, token))).toMatchObject({ ok: {} });
      world.run(1_500);
      const seen = () => others.map((node) => node.reader.members().find((member) => member.hostId === hostId));
      const pending = (node: SimulatedNode) =>
        [token, ...others.flatMap((each) => tokensOf(a, each.hostId)), ...old].map((each) =>
          node.reader
            .router()!
            .routeToken(each, 'app')
            .pending.map((member) => member.hostId),
        );
      const before = others.map(pending);
      expect(before.flat(2)).toContain(hostId);
      d.stop();
      world.run(500);
      const standing = { liveness: 'dead', state: 'moving', tokens: old };
      const stays = (): void => {
        expect(seen()).toEqual([0, 1, 2].map(() => expect.objectContaining(standing)));
        expect(others.map(pending)).toEqual(before);
        expect(a.reader.router()!.replicasOfToken(old[0]!, 'app')[0]!.hostId).toBe(hostId);
      };
      stays();
      world.run(120_000);
      stays();
      if (goesOn === 'a restart') d.start();
      else {
        const { operationId } = a.reader.register.state!.operation!;
        expect(ask(world, a, { kind: 'abortOperation', operationId })).toHaveProperty('ok');
      }
      expect(world.runUntil(() => settled(world) && a.reader.register.state!.operation === null, 60_000)).toBe(true);
      expect(others.flatMap(pending).flat()).toEqual([]);
      expect(tokensOf(a, hostId)).toEqual(goesOn === 'a restart' ? [token] : old);
    },
  );
});

describe('alter replication', () => {
  it('more replicas are filled before they are read, and every node ends with one definition', () => {
    const world = new World(611);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const [a, ...others] = movingCluster(world, 4, 1) as Nodes;
    expect(ask(world, a, alter('app', 3))).toMatchObject({ ok: {} });
    expect(world.runUntil(() => settled(world), 30_000)).toBe(true);
    world.run(5_000);
    const versions = new Set([a, ...others].map((node) => node.reader.schema.version));
    expect(versions.size).toBe(1);
    expect(a.reader.schema.get('keyspace', 'app')?.replication).toMatchObject({ replication_factor: '3' });
    expect(others[1]!.reader.router()!.routeToken(0n, 'app').replicas).toHaveLength(3);
    expect(mover.told.length).toBeGreaterThan(0);
    expect(mover.told.every(({ role }) => role === 'gain')).toBe(true);
  });

  it('fewer replicas: nothing is lost of what a quorum had, and the keyspace can be altered again', () => {
    const world = new World(612);
    new InvariantWatch(world);
    new DataMover(world);
    const [a, b] = movingCluster(world, 4, 3) as Nodes;
    for (const factor of [1, 3, 2]) {
      expect(ask(world, b, alter('app', factor))).toMatchObject({ ok: {} });
      expect(world.runUntil(() => settled(world), 60_000)).toBe(true);
      world.run(3_000);
      expect(a.reader.schema.get('keyspace', 'app')?.replication).toMatchObject({ replication_factor: `${factor}` });
    }
  });

  it('has its new definition on disk together with its end: all that are killed just then come back with both', () => {
    for (let seed = 621; seed < 627; seed++) {
      const world = new World(seed);
      new DataMover(world);
      const nodes = movingCluster(world, 3, 1);
      expect(ask(world, nodes[0]!, alter('app', 3))).toMatchObject({ ok: {} });
      const ended = (node: SimulatedNode): boolean => node.diskCopy().records.at(-1)?.kind === 'end';
      const openAt = nodes[0]!.reader.register.position.epoch;
      const over = (node: SimulatedNode): boolean => ended(node) && node.reader.register.position.epoch > openAt;
      expect(world.runUntil(() => nodes.some(over), 30_000)).toBe(true);
      for (const node of nodes) node.crash();
      for (const node of nodes) node.start();
      expect(world.runUntil(() => nodes.every((node) => node.ready) && settled(world), 30_000)).toBe(true);
      for (const node of nodes) {
        expect(node.reader.register.state!.epoch).toBeGreaterThan(openAt + 1);
        expect(node.reader.schema.get('keyspace', 'app')?.replication).toMatchObject({ replication_factor: '3' });
      }
    }
  });

  it('is refused for an unknown keyspace, the same replication, and one that is none', () => {
    const world = new World(613);
    const [a] = movingCluster(world, 2, 2) as Nodes;
    expect(ruleOf(ask(world, a, alter('nobody', 3)))).toBe('unknownKeyspace');
    expect(ruleOf(ask(world, a, alter('app', 2)))).toBe('sameReplication');
    expect(ask(world, a, alter('app', 0))).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
    expect(a.reader.register.state!.operation).toBeNull();
  });
});
