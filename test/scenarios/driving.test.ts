import { describe, expect, it } from 'vitest';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster } from '../sim/data-mover.ts';
import { singleMessages } from '../sim/single-messages.ts';

const open = (node: SimulatedNode) => node.reader.register.state?.operation ?? null;
const leave = (hostId: string) =>
  ({ kind: 'beginOperation', request: { operation: 'decommission', hostId }, force: false }) as const;

/** Kinds of messages by which a voter drives an operation, its proposals besides. */
const driving = ['operationQuery', 'prepare', 'accept'];

describe('while the data of an operation moves', () => {
  it('a few voters drive it, however many there are and however long it takes, and no more of them propose what follows', () => {
    const world = new World(1301);
    const mover = new DataMover(world);
    const nodes = convergedCluster(world, 16, { tokens: 4, movements: true });
    const replication = { class: 'SimpleStrategy', replication_factor: 3 };
    ask(world, nodes[0]!, { kind: 'putSchema', type: 'keyspace', name: 'app', replication, document: null });
    world.run(3_000);
    mover.takesMs = 180_000;
    ask(world, nodes[0]!, leave(nodes[15]!.hostId));
    const drivers = new Set<string>();
    const proposers = new Set<string>();
    let queries = 0;
    world.tap((from, _to, _channel, message) => {
      for (const { kind } of singleMessages(message)) {
        if (kind === 'operationQuery') {
          queries++;
          drivers.add(from.address);
        } else if (kind === 'prepare') proposers.add(from.address);
      }
      return true;
    });
    world.run(120_000);
    const movers = new Set(mover.told.map(({ node }) => node.address)).size;
    queries = 0;
    world.run(10_000);
    expect(open(nodes[0]!)?.step).toBe('begin');
    // Ranks 0 to 6 within 130 s; each asks every mover once a second, give or take a look.
    expect(drivers.size).toBeGreaterThanOrEqual(1);
    expect(drivers.size).toBeLessThanOrEqual(7);
    expect(queries / 10).toBeLessThanOrEqual(7 * movers);
    expect(world.runUntil(() => open(nodes[0]!) === null, 120_000)).toBe(true);
    expect(proposers.size).toBeLessThanOrEqual(7);
  });

  it.each(['is alive and does not drive it', 'is cut off'] as const)(
    'the next voter goes on with it where the one before %s',
    (how) => {
      const world = new World(1302);
      const mover = new DataMover(world);
      const nodes = movingCluster(world, 5, 2).sort((left, right) => (left.hostId < right.hostId ? -1 : 1));
      const [first, , asked, , leaver] = nodes as [
        SimulatedNode,
        SimulatedNode,
        SimulatedNode,
        SimulatedNode,
        SimulatedNode,
      ];
      mover.takesMs = 5_000;
      ask(world, asked, leave(leaver.hostId));
      expect(world.runUntil(() => open(asked)?.step === 'begin', 10_000)).toBe(true);
      let dropped = 0;
      world.tap((from, _to, _channel, message) => {
        const drives = from === first && singleMessages(message).some(({ kind }) => driving.includes(kind));
        if (drives) dropped++;
        return !drives;
      });
      if (how === 'is cut off') {
        // It has ranges to gain, and is waited for; whoever drives in its place says so.
        world.network.partition([[first.address], nodes.slice(1).map(({ address }) => address)]);
        world.run(20_000);
        const waits = nodes.slice(1).flatMap((node) => node.reader.operationWaitingFor);
        expect(waits.join()).toContain(`${first.hostId} is dead and has ranges to gain`);
        world.network.heal();
      }
      expect(world.runUntil(() => open(asked) === null, 30_000)).toBe(true);
      expect(asked.reader.register.state!.removed.has(leaver.hostId)).toBe(true);
      expect(dropped).toBeGreaterThan(0);
    },
  );
});
