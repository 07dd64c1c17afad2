import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../src/epoch/ring-state.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';
import { singleMessages } from '../sim/single-messages.ts';

type Four = [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];

const isDead = (at: SimulatedNode, hostId: string): boolean =>
  at.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
const remove = (hostId: string, force = true) => ({ kind: 'forceRemove', hostId, force }) as const;
const lineageOf = (node: SimulatedNode): string => node.reader.register.state!.lineage;
const adopt = (lineage: string) => ({ kind: 'adoptLineage', lineage }) as const;

function restart(world: World, node: SimulatedNode): void {
  world.run(3_000);
  node.crash();
  node.start();
  world.run(3_000);
}

/** The store as one that holds the fold and none of its records. */
function keepFoldAlone(node: SimulatedNode): void {
  const snapshot = snapshotOf(node.reader.register.state!);
  node.crash();
  node.replaceDisk({ ...node.diskCopy(), snapshot, records: [] });
}

/** Of four each of these stands alone, all think `gone` dead and remove it by force. */
function removedByEach(world: World, nodes: Four, alone: readonly SimulatedNode[], gone: SimulatedNode): void {
  const hostIds = nodes.map(({ hostId }) => hostId);
  const goneId = gone.hostId;
  for (const node of nodes) if (!alone.includes(node)) node.crash();
  world.network.partition(nodes.map(({ address }) => [address]));
  const apart = (): boolean =>
    alone.every((node) => hostIds.every((each) => each === node.hostId || isDead(node, each)));
  expect(world.runUntil(apart, 120_000)).toBe(true);
  for (const node of alone) expect(ask(world, node, remove(goneId))).toHaveProperty('ok');
}

describe('a node that adopted another history, and was started again', () => {
  /** b adopted what a decided alone: that d is removed. c and d slept; b starts again, and a dies. */
  function adopted(seed: number) {
    const world = new World(seed);
    const nodes = world.cluster(4, { tokens: 4 }) as Four;
    world.run(3_000);
    const [a, b, c, d] = nodes;
    removedByEach(world, nodes, [a, b], d);
    world.network.heal();
    expect(world.runUntil(() => b.reader.register.fork !== null, 60_000)).toBe(true);
    expect(ask(world, b, adopt(lineageOf(a)))).toHaveProperty('ok');
    const aId = a.hostId;
    return { world, a, aId, b, c, d };
  }

  it('brings up who slept through it, and the two of them decide', () => {
    const { world, a, aId, b, c } = adopted(821);
    restart(world, b);
    a.crash();
    c.start();
    const level = (): boolean => c.running && c.reader.register.position.epoch === b.reader.register.position.epoch;
    expect(world.runUntil(level, 60_000)).toBe(true);
    expect(c.reader.register.position).toEqual(b.reader.register.position);
    expect(world.runUntil(() => isDead(b, aId) && !isDead(b, c.hostId), 60_000)).toBe(true);
    expect(ask(world, b, remove(aId, false))).toHaveProperty('ok');
    expect(c.reader.register.fork).toBeNull();
  });

  it('tells a node that was removed so', () => {
    const { world, a, b, d } = adopted(822);
    restart(world, b);
    a.crash();
    d.start();
    expect(world.runUntil(() => d.fatal !== null, 30_000)).toBe(true);
    expect(d.fatal?.code).toBe('REMOVED');
  });

  it('holds the schema that it held: what was altered long ago is not altered again', () => {
    const world = new World(827);
    new DataMover(world);
    const nodes = movingCluster(world, 4, 3) as Four;
    const [a, b, , d] = nodes;
    const replication = { class: 'SimpleStrategy', replication_factor: 2 };
    const request = { operation: 'alterReplication', keyspace: 'app', replication } as const;
    expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toHaveProperty('ok');
    expect(world.runUntil(() => settled(world), 30_000)).toBe(true);
    world.run(3_000);
    const { schema } = b.diskCopy();
    removedByEach(world, nodes, [a, b], d);
    world.network.heal();
    expect(world.runUntil(() => b.reader.register.fork !== null, 60_000)).toBe(true);
    expect(ask(world, b, adopt(lineageOf(a)))).toHaveProperty('ok');
    restart(world, b);
    expect(b.diskCopy().schema).toEqual(schema);
  });

  it('can be adopted from, with its records or with the fold alone', () => {
    for (const seed of [823, 824]) {
      const world = new World(seed);
      const nodes = world.cluster(4, { tokens: 4 }) as Four;
      world.run(3_000);
      const [a, b, c, d] = nodes;
      removedByEach(world, nodes, [a, b, c], d);
      const lineage = lineageOf(a);
      world.network.partition([[a.address, b.address], [c.address]]);
      expect(world.runUntil(() => b.reader.register.fork !== null, 60_000)).toBe(true);
      expect(ask(world, b, adopt(lineage))).toHaveProperty('ok');
      restart(world, b);
      if (seed === 824) {
        keepFoldAlone(b);
        b.start();
        world.run(3_000);
      }
      a.crash();
      world.network.heal();
      expect(world.runUntil(() => c.reader.register.fork !== null, 90_000)).toBe(true);
      expect(ask(world, c, adopt(lineage))).toHaveProperty('ok');
      expect(c.reader.register.position).toEqual(b.reader.register.position);
    }
  });

  it('does not abort what went back to begin after its switch', () => {
    const world = new World(825);
    const mover = new DataMover(world);
    const nodes = movingCluster(world, 5, 3) as [...Four, SimulatedNode];
    const [a, b, c, d, gone] = nodes;
    const hostIds = nodes.map(({ hostId }) => hostId);
    const begun = { operation: 'decommission', hostId: a.hostId } as const;
    expect(ask(world, a, { kind: 'beginOperation', request: begun, force: true })).toHaveProperty('ok');
    let switched = false;
    world.observe((node) => {
      if (switched || node.reader.register.state?.operation?.step !== 'switch') return;
      switched = true;
      for (const each of [c, d, gone]) each.crash();
    });
    expect(world.runUntil(() => switched, 60_000)).toBe(true);
    world.run(3_000);
    world.network.partition([[a.address], [b.address]]);
    const apart = (): boolean =>
      [a, b].every((node) => hostIds.every((each) => each === node.hostId || isDead(node, each)));
    expect(world.runUntil(apart, 120_000)).toBe(true);
    for (const node of [a, b]) expect(ask(world, node, remove(hostIds[4]!))).toHaveProperty('ok');
    mover.takesMs = 3_600_000;
    world.network.heal();
    expect(world.runUntil(() => b.reader.register.fork !== null, 60_000)).toBe(true);
    expect(ask(world, b, adopt(lineageOf(a)))).toHaveProperty('ok');
    restart(world, b);
    c.start();
    d.start();
    world.run(20_000);
    const { operationId, step } = b.reader.register.state!.operation!;
    expect(step).toBe('begin');
    expect(ask(world, b, { kind: 'abortOperation', operationId })).toMatchObject({ error: { code: 'REFUSED' } });
  });
});

it.each(['its start', 'whoever it speaks to'])(
  'a node whose removal is no kept record any more learns of it from %s',
  (teller) => {
    const world = new World(826);
    const nodes = world.cluster(4, { tokens: 4 }) as Four;
    world.run(3_000);
    const [a, b, c, gone] = nodes;
    const goneId = gone.hostId;
    gone.crash();
    expect(world.runUntil(() => isDead(a, goneId), 60_000)).toBe(true);
    expect(ask(world, a, remove(goneId, false))).toHaveProperty('ok');
    world.run(5_000);
    for (const node of [a, b, c]) {
      keepFoldAlone(node);
      node.start();
    }
    world.run(3_000);
    const fromSpeech = teller !== 'its start';
    const withheld = fromSpeech ? 'shadowAck' : 'records';
    world.tap((_from, to, _channel, message) => {
      return to.address !== gone.address || singleMessages(message).every(({ kind }) => kind !== withheld);
    });
    gone.start();
    expect(world.runUntil(() => gone.fatal !== null, 30_000)).toBe(true);
    expect(gone.fatal?.code).toBe('REMOVED');
  },
);
