import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/node/message.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';
import { LateGossip } from '../sim/late-gossip.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];

const longMs = 60_000;
const epochOf = (node: SimulatedNode): number => node.reader.register.position.epoch;

/** Five nodes, of which the last leaves, and hears nothing of it for a minute although all hear it. */
function unawareLeaver(seed: number): { world: World; mover: DataMover; nodes: Nodes; beginEpoch: number } {
  const world = new World(seed);
  const mover = new DataMover(world);
  const nodes = movingCluster(world, 5, 3) as Nodes;
  const [a, , , , leaver] = nodes;
  const beginEpoch = epochOf(a) + 1;
  new LateGossip(world).delay(leaver, world.nowMs + longMs);
  const request = { operation: 'decommission', hostId: leaver.hostId } as const;
  expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toMatchObject({ ok: { epoch: beginEpoch } });
  return { world, mover, nodes, beginEpoch };
}

describe('the sources of a movement', () => {
  it('have acknowledged the change: who loses a range and has not heard of it may still acknowledge writes that the others miss', () => {
    const { world, mover, nodes, beginEpoch } = unawareLeaver(901);
    const [a, b, c, d, leaver] = nodes;
    // The others go on without its word, and read two other replicas of each range in its place.
    world.run(15_000);
    expect(epochOf(leaver)).toBe(beginEpoch - 1);
    const gained = mover.told.filter(({ role }) => role === 'gain').map(({ movement }) => movement);
    expect(gained.length).toBeGreaterThan(0);
    const others = new Set([a, b, c, d].map(({ hostId }) => hostId));
    for (const { sources } of gained) {
      expect(sources).toHaveLength(2);
      expect(sources.every((source) => others.has(source))).toBe(true);
    }
    // It lives, so the ring is not read anew before it has heard.
    expect(a.reader.register.state!.operation).toMatchObject({ step: 'begin' });
    expect(world.runUntil(() => leaver.left && settled(world), 2 * longMs)).toBe(true);
  });

  it('are not read at the word of an operator who resumes before enough replicas have acknowledged', () => {
    const world = new World(902);
    const mover = new DataMover(world);
    const [a, b, c, d, leaver] = movingCluster(world, 5, 3) as Nodes;
    // No acknowledgement arrives.
    const kinds = (message: Message): string[] =>
      message.kind === 'bundle' ? message.messages.map(({ kind }) => kind) : [message.kind];
    world.tap((_from, _to, _channel, message) => !kinds(message).includes('operationAnswer'));
    const request = { operation: 'decommission', hostId: leaver.hostId } as const;
    expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toMatchObject({ ok: {} });
    const { operationId } = a.reader.register.state!.operation!;
    for (const node of [a, b, c, d, leaver]) ask(world, node, { kind: 'resumeOperation', operationId });
    world.run(10_000);
    expect(mover.told).toEqual([]);
  });
});
