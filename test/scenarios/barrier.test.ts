import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, settled } from '../sim/data-mover.ts';
import { keyspace, RegisterStore } from '../sim/register-store.ts';
import { singleMessages } from '../sim/single-messages.ts';

const config = { tokens: 4, movements: true };
const prompt = { lateRatio: 0, lateMs: 0, movesMs: 0, lossRatio: () => 0 };
const joinTimeoutMs = 30_000;

const open = (node: SimulatedNode) => node.reader.register.state?.operation ?? null;
const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
const waits = (nodes: readonly SimulatedNode[]): string =>
  nodes.flatMap((node) => node.reader.operationWaitingFor).join('\n');

function clusterWithStore(seed: number, size: number, factor: number) {
  const world = new World(seed);
  new InvariantWatch(world);
  const nodes = convergedCluster(world, size, config);
  const replication = { class: 'SimpleStrategy', replication_factor: factor };
  ask(world, nodes[0]!, { kind: 'putSchema', type: 'keyspace', name: keyspace, replication, document: null });
  world.run(3_000);
  return { world, nodes, store: new RegisterStore(world, new SeededRandom(seed), 500, prompt) };
}

/** Acts when the first voter is asked to accept `switch`; who is named then is not reached by that any more. */
function atSwitch(world: World, act: (proposer: SimulatedNode) => readonly SimulatedNode[]): void {
  let cut: readonly SimulatedNode[] | null = null;
  world.tap((from, to, _channel, message) => {
    const accepts = singleMessages(message).some((each) => each.kind === 'accept' && each.record.kind === 'switch');
    if (accepts) cut ??= act(from);
    return !accepts || !cut!.some(({ address }) => address === to.address);
  });
}

/**
 * A newcomer's operation at `switch` that two of a key's replicas before do not know: in a replacement one of them is the
 * replaced host, which has come back. The others are a majority, the newcomer is with them.
 */
function switchedWithoutTwo(seed: number, kind: 'bootstrap' | 'replace') {
  const { world, nodes, store } = clusterWithStore(seed, 5, 3);
  const replaced = nodes[4]!;
  const replace = kind === 'replace' ? replaced.hostId : null;
  if (replace !== null) {
    replaced.crash();
    expect(world.runUntil(() => nodes.slice(0, 4).every((node) => isDead(node, replace)), 60_000)).toBe(true);
  }
  const newcomer = world.addNode([nodes[0]!.address], { ...config, replace });
  newcomer.start();
  let unaware: SimulatedNode[] = [];
  const aware = (): SimulatedNode[] => nodes.filter((node) => !unaware.includes(node));
  atSwitch(world, (proposer) => {
    unaware = nodes.filter((node) => node !== proposer).slice(-2);
    const rest = [...aware(), newcomer].map(({ address }) => address);
    world.network.partition([unaware.map(({ address }) => address), rest]);
    return unaware;
  });
  expect(
    world.runUntil(() => unaware.length > 0 && aware().every((node) => open(node)?.step === 'switch'), 60_000),
  ).toBe(true);
  if (!replaced.running) replaced.start();
  // Of the replicas before, the third is aware; of those after, the newcomer besides.
  const key = store.keys.find((each) => {
    const { replicas, pending } = store.route(aware()[0]!, each)!;
    const [ids, gone] = [replicas.map(({ hostId }) => hostId), unaware.map(({ hostId }) => hostId)];
    const [stays, ...both] = ids.filter((hostId) => gone.includes(hostId));
    return (
      pending.some(({ hostId }) => gone.includes(hostId) && hostId !== stays) &&
      stays !== undefined &&
      both.length === 0 &&
      ids.includes(newcomer.hostId)
    );
  })!;
  world.run(20_000);
  return { world, store, key, newcomer, unaware, aware: aware() };
}

describe('after a switch', () => {
  it.each([
    { kind: 'bootstrap', when: 'an abort is asked for' },
    { kind: 'bootstrap', when: 'its newcomer was dead for long' },
    { kind: 'replace', when: 'its newcomer was dead for long' },
  ] as const)(
    '`end` of a $kind waits for those who may still route by `begin`, also where $when, and no acknowledged write is missed',
    ({ kind, when }) => {
      const { world, store, key, newcomer, unaware, aware } = switchedWithoutTwo(1201, kind);
      if (when === 'an abort is asked for') {
        const { operationId } = open(aware[0]!)!;
        const aborted = ask(world, aware[0]!, { kind: 'abortOperation', operationId });
        expect(aborted).toMatchObject({ error: { code: 'REFUSED', hint: expect.stringContaining('ringctl ops') } });
      } else {
        newcomer.crash();
        world.run(2 * joinTimeoutMs);
        newcomer.start();
      }
      world.run(5_000);
      const reader = unaware.find((node) => open(node)?.step === 'begin')!;
      const writer = aware.find((node) =>
        store.route(node, key)!.replicas.some(({ hostId }) => hostId === node.hostId),
      )!;
      store.write(writer, key);
      world.run(1_000);
      store.read(reader, key);
      world.run(1_000);
      expect(store.reads).toBe(1);
      for (const node of aware) expect(open(node)).toMatchObject({ kind, step: 'switch' });
      expect(waits(aware)).toMatch(`${reader.hostId} is to acknowledge switch`);
      expect(waits(aware)).toMatch('and is dead: start it, or remove it by force: ringctl assassinate');
      world.network.heal();
      expect(world.runUntil(() => settled(world), 60_000)).toBe(true);
      expect(aware[0]!.reader.register.state!.members.get(newcomer.hostId)?.state).toBe('normal');
      store.demandAll(aware[0]!);
    },
  );

  it('a newcomer that does not come back holds up nothing once it was dead for long: it owns its ranges, as every reader has it already', () => {
    const { world, nodes } = clusterWithStore(1202, 3, 1);
    const joiner = world.addNode([nodes[0]!.address], config);
    joiner.start();
    const { hostId } = joiner;
    let diedMs = 0;
    atSwitch(world, () => {
      diedMs = world.nowMs;
      joiner.crash();
      return [joiner];
    });
    const ended = (): boolean => diedMs > 0 && nodes.every((node) => open(node) === null);
    expect(world.runUntil(() => diedMs > 0 && isDead(nodes[0]!, hostId), 60_000)).toBe(true);
    world.run(joinTimeoutMs - 5_000);
    expect(nodes.map((node) => open(node)?.step)).toEqual(['switch', 'switch', 'switch']);
    expect(waits(nodes)).toContain(`${hostId} is to acknowledge switch`);
    expect(world.runUntil(ended, 10_000)).toBe(true);
    expect(nodes[0]!.reader.register.state!.members.get(hostId)?.state).toBe('normal');
    joiner.start();
    expect(world.runUntil(() => joiner.ready && settled(world), 30_000)).toBe(true);
  });
});
