import { expect, it } from 'vitest';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { messageFamilies } from '../../src/wire/message-codec.ts';
import { ask } from './data-mover.ts';

const members = 1_000;
const mostBytes = 8_000;
const idleMs = 3_000;

it.each([
  { change: 'a join', begin: (world: World, [node]: SimulatedNode[]) => world.addNode([node!.address]).start() },
  {
    change: 'a decommission',
    begin: (_world: World, [node, leaver]: SimulatedNode[]) => {
      const request = { operation: 'decommission', hostId: leaver!.hostId } as const;
      node!.command({ kind: 'beginOperation', request, force: false });
    },
  },
])(
  `at ${members} members $change costs at most ${mostBytes} bytes a member, from its command to its end at everybody`,
  ({ change, begin }) => {
    const world = new World(7);
    const nodes = convergedCluster(world, members);
    const replication = { class: 'SimpleStrategy', replication_factor: 3 };
    ask(world, nodes[0]!, { kind: 'putSchema', type: 'keyspace', name: 'app', replication, document: null });
    world.run(4_000);
    const traffic = world.measure();
    const sent = () => messageFamilies.map((family) => traffic.totalBytes(family) / members);
    world.run(idleMs);
    const idle = sent();
    const beganMs = world.nowMs;
    const { epoch } = nodes[0]!.reader.register.position;
    begin(world, nodes);
    const ended = (): boolean =>
      world.nodes.every((node) => !node.running || node.reader.register.position.epoch === epoch + 3);
    expect(world.runUntil(ended, 30_000)).toBe(true);
    const tookMs = world.nowMs - beganMs;
    const cost = sent().map((bytes, at) => bytes - idle[at]! - (idle[at]! / idleMs) * tookMs);
    const total = cost.reduce((sum, bytes) => sum + bytes, 0);
    const parts = messageFamilies.map((family, at) => `${family} ${Math.round(cost[at]!)}`).join(', ');
    console.log(`${change}: ${Math.round(total)} bytes a member in ${tookMs} ms (${parts})`);
    expect(total).toBeLessThan(mostBytes);
    // It is no less than the votes and the records themselves.
    expect(total).toBeGreaterThan(2_000);
  },
  600_000,
);
