import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';
import { keyspace, RegisterStore } from '../sim/register-store.ts';
import { recordsIn } from '../sim/single-messages.ts';

const config = { tokens: 1, movements: true, joinTimeoutMs: 120_000 };
const prompt = { lateRatio: 0, lateMs: 0, movesMs: 0, lossRatio: () => 0 };
const key = 'k0';

/**
 * Two joiners in one operation take one owner's range in two parts: the first the part that the key is in, the second the
 * part after it. Without the first, the second gains both.
 */
function joiningNeighbours(seed: number) {
  const world = new World(seed);
  const [a, b, c] = convergedCluster(world, 3, config) as [SimulatedNode, SimulatedNode, SimulatedNode];
  const replication = { class: 'SimpleStrategy', replication_factor: 1 };
  ask(world, a, { kind: 'putSchema', type: 'keyspace', name: keyspace, replication, document: null });
  world.run(3_000);
  const store = new RegisterStore(world, new SeededRandom(seed), 1, prompt);
  const { token, replicas } = store.route(a, key)!;
  const owner = [a, b, c].find(({ hostId }) => hostId === replicas[0]!.hostId)!;
  const joiners = [token, token + 1n].map((each) => world.addNode([a.address], { ...config, initialTokens: [each] }));
  for (const joiner of joiners) joiner.start();
  const [first, second] = joiners as [SimulatedNode, SimulatedNode];
  return { world, store, members: [a, b, c], owner, first, second };
}

const open = (node: SimulatedNode) => node.reader.register.state?.operation ?? null;
const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
const isRemoved = (at: SimulatedNode, { hostId }: SimulatedNode): boolean =>
  at.reader.register.state?.removed.has(hostId) === true;

describe('a forced removal while an operation is open', () => {
  it.each(['begin', 'switch'] as const)(
    'D09 forced removal of one of two joiners, open at %s: what the other gains by it is moved behind a barrier of its own, and no acknowledged write is lost',
    (step) => {
      const { world, store, members, owner, first, second } = joiningNeighbours(811);
      const others = members.filter((node) => node !== owner);
      // The step waits where it is, for the second joiner to say that it has moved, or the first that it knows the switch.
      let held = true;
      world.tap((from, _to, _channel, message) => {
        if (!held || message.kind !== 'operationAnswer') return true;
        return step === 'begin' ? from !== second || message.movements === null : from !== first || message.epoch < 3;
      });
      const atStep = (): boolean => [...members, first, second].every((node) => open(node)?.step === step);
      expect(world.runUntil(atStep, 30_000)).toBe(true);
      expect(open(owner)!.subjects).toHaveLength(2);
      world.run(2_000);
      // The members lose the first joiner, but for clients; and the owner hears of no record any more.
      let ownerIsDeaf = true;
      world.tap((from, to) => from !== first && to.address !== first.address);
      world.tap((_from, to, _channel, message) => {
        return !ownerIsDeaf || to.address !== owner.address || recordsIn(message).length === 0;
      });
      expect(world.runUntil(() => others.every((node) => isDead(node, first.hostId)), 60_000)).toBe(true);
      expect(ask(world, others[0]!, { kind: 'forceRemove', hostId: first.hostId, force: false })).toHaveProperty('ok');
      expect(world.runUntil(() => isRemoved(second, first), 10_000)).toBe(true);
      const { operationId } = open(second)!;
      expect(open(second)).toMatchObject({ step: 'begin' });
      if (step === 'switch') {
        // Some may read by the switch still, and would miss what is written by a ring without the second joiner.
        const aborted = ask(world, others[0]!, { kind: 'abortOperation', operationId });
        expect(aborted).toMatchObject({ error: { code: 'REFUSED' } });
      }
      held = false;
      world.run(5_000);
      // Who does not know of the removal writes, and both replicas that it knows acknowledge.
      expect(isRemoved(owner, first)).toBe(false);
      store.write(owner, key);
      world.run(1_000);
      expect(store.writes).toBe(1);
      ownerIsDeaf = false;
      const inOne = [...members, second];
      expect(
        world.runUntil(
          () => inOne.every((node) => open(node) === null && isRemoved(node, first)) && settledAt(inOne),
          60_000,
        ),
      ).toBe(true);
      expect(store.route(owner, key)!.replicas.map(({ hostId }) => hostId)).toEqual([second.hostId]);
      store.demandAll(owner);
    },
  );

  it.each(['begin', 'switch'] as const)(
    'D09 forced removal of the only one who was to stay, a decommission open at %s: it is closed, the leaver stays, is read and takes joiners',
    (step) => {
      const world = new World(812);
      const mover = new DataMover(world);
      const [a, b] = movingCluster(world, 2, 1) as [SimulatedNode, SimulatedNode];
      mover.takesMs = step === 'begin' ? 600_000 : 200;
      // Nobody says that it knows the switch, so there is no end.
      let held = true;
      world.tap((_from, _to, _channel, message) => {
        return !held || message.kind !== 'operationAnswer' || open(b)?.step !== 'switch';
      });
      const lost = a.hostId;
      const request = { operation: 'decommission', hostId: b.hostId } as const;
      expect(ask(world, b, { kind: 'beginOperation', request, force: true })).toHaveProperty('ok');
      expect(world.runUntil(() => open(b)?.step === step, 30_000)).toBe(true);
      world.run(2_000);
      a.crash();
      expect(world.runUntil(() => isDead(b, lost), 60_000)).toBe(true);
      expect(open(b)).toMatchObject({ step });
      expect(ask(world, b, { kind: 'forceRemove', hostId: lost, force: true })).toHaveProperty('ok');
      expect(open(b)).toBeNull();
      expect(b.reader.members()).toMatchObject([{ hostId: b.hostId, state: 'normal' }]);
      const route = b.reader.router()!.route(key, 'app');
      expect(route.replicas.map(({ hostId }) => hostId)).toEqual([b.hostId]);
      held = false;
      mover.takesMs = 200;
      const joiner = world.addNode([b.address], { tokens: 4, movements: true });
      joiner.start();
      expect(world.runUntil(() => joiner.ready && settled(world), 60_000)).toBe(true);
      // Now that another stays, it can leave.
      expect(ask(world, b, { kind: 'beginOperation', request, force: true })).toHaveProperty('ok');
      expect(world.runUntil(() => isRemoved(joiner, b), 60_000)).toBe(true);
    },
  );

  it('a replace without a majority: the removal of whom it replaces names the way out, and the way is one', () => {
    const world = new World(813);
    const mover = new DataMover(world);
    const [a, b, c] = movingCluster(world, 3, 3) as [SimulatedNode, SimulatedNode, SimulatedNode];
    const [second, replaced] = [b.hostId, c.hostId];
    mover.takesMs = 600_000;
    c.crash();
    expect(world.runUntil(() => [a, b].every((node) => isDead(node, replaced)), 60_000)).toBe(true);
    const taker = world.addNode([a.address], { tokens: 4, movements: true, replace: replaced });
    taker.start();
    expect(world.runUntil(() => open(a)?.kind === 'replace' && taker.running, 20_000)).toBe(true);
    const takes = taker.hostId;
    b.crash();
    expect(world.runUntil(() => isDead(a, second), 60_000)).toBe(true);
    const remove = (hostId: string) => ask(world, a, { kind: 'forceRemove', hostId, force: true });
    const { operationId } = open(a)!;
    const way = `stop ${takes} and remove that first: ringctl assassinate ${takes} --force`;
    expect(remove(replaced)).toMatchObject({
      error: { details: { rule: 'beingReplaced', operationId }, hint: expect.stringContaining(way) },
    });
    taker.crash();
    expect(world.runUntil(() => isDead(a, takes), 60_000)).toBe(true);
    for (const hostId of [takes, replaced, second]) expect(remove(hostId)).toHaveProperty('ok');
    expect(open(a)).toBeNull();
    expect(a.reader.members()).toMatchObject([{ hostId: a.hostId, state: 'normal' }]);
  });
});

const settledAt = (nodes: readonly SimulatedNode[]): boolean =>
  new Set(nodes.map((node) => node.reader.register.position.epoch)).size === 1;
