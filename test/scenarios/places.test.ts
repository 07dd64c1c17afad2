import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/node/message.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { familyOf } from '../../src/wire/message-codec.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';
import { singleMessages } from '../sim/single-messages.ts';

type Nodes = [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];

/** While `isDeaf`, what is gossiped does not reach this node; probes, records and questions do. */
function deafen(world: World, node: SimulatedNode, isDeaf: () => boolean): void {
  const passed = new WeakSet<Message>();
  world.tap((from, to, channel, message) => {
    if (!isDeaf() || to.address !== node.address || passed.has(message)) return true;
    for (const each of singleMessages(message)) {
      if (familyOf(each) === 'gossip') continue;
      const copy = { ...each };
      passed.add(copy);
      world.send(from, to, channel, copy);
    }
    return false;
  });
}

const rackAt = (at: SimulatedNode, { hostId }: SimulatedNode): string | undefined =>
  at.reader.members().find((member) => member.hostId === hostId)?.rack;
const stepAt = (at: SimulatedNode) => at.reader.register.state?.operation?.step ?? null;

describe('members that hold different racks', () => {
  it('hold the switch: nobody moves data by either ring, ringctl ops says who differs and what to do, and it goes on by itself once they agree', () => {
    const world = new World(911);
    const mover = new DataMover(world);
    const [a, b, c, before] = movingCluster(world, 4, 2) as Nodes;
    const replication = { class: 'NetworkTopologyStrategy', dc1: 2 };
    ask(world, a, { kind: 'putSchema', type: 'keyspace', name: 'racked', replication, document: null });
    world.run(3_000);
    let deaf = true;
    deafen(world, c, () => deaf);
    const disk = before.diskCopy();
    before.crash();
    const elsewhere = { rack: 'rack2', allowConfigChange: true, movements: true };
    const d = world.addNode([a.address], elsewhere, before.address);
    d.replaceDisk(disk);
    d.start();
    expect(world.runUntil(() => [a, b].every((node) => rackAt(node, d) === 'rack2'), 20_000)).toBe(true);
    world.run(10_000);
    expect(rackAt(c, d)).toBe('rack1');
    mover.told.length = 0;
    const request = { operation: 'decommission', hostId: b.hostId } as const;
    expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toHaveProperty('ok');
    world.run(30_000);
    expect([a, b, c, d].map(stepAt)).toEqual(['begin', 'begin', 'begin', 'begin']);
    expect(mover.told).toEqual([]);
    const driver = [a, c, d].toSorted((left, right) => (left.hostId < right.hostId ? -1 : 1))[0]!;
    const waitingFor = driver.reader.operationWaitingFor;
    const named = driver === c ? [a, b, d] : [c];
    expect(waitingFor.toSorted()).toEqual(
      named
        .map(({ hostId }) => expect.stringMatching(`^${hostId} sees another ring .*ringctl status.*restart`))
        .toSorted(),
    );
    deaf = false;
    expect(world.runUntil(() => settled(world) && stepAt(a) === null, 30_000)).toBe(true);
    expect(a.reader.register.log.records.at(-1)?.kind).toBe('end');
    expect(mover.told.length).toBeGreaterThan(0);
  });
});
