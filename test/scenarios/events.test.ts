import { describe, expect, it } from 'vitest';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';

/** What a subscriber of one node is told of one host, in the words of drivers, from the events of the core and its views. */
class Subscriber {
  readonly told: string[] = [];
  #owned: string | null = null;

  constructor(world: World, node: SimulatedNode, subject: SimulatedNode) {
    world.listen((at, event) => {
      if (at !== node || !subject.running) return;
      if (event.kind === 'liveness' && event.hostId === subject.hostId) this.told.push(event.liveness);
      if (event.kind === 'ring') this.#look(node, subject);
    });
  }

  #look(node: SimulatedNode, { hostId }: SimulatedNode): void {
    const member = node.reader.members().find((each) => each.hostId === hostId);
    const normal = member?.state === 'normal' || member?.state === 'leaving' || member?.state === 'moving';
    const owned = normal ? member.tokens.join() : null;
    if (owned === this.#owned) return;
    this.told.push(owned === null ? 'REMOVED' : `${this.#owned === null ? 'NEW' : 'MOVED'} ${member!.address}`);
    this.#owned = owned;
  }
}

describe('events', () => {
  it('E02 membership: each of three subscribers is told once of a new owner, that it moved, and that it went, with its address', () => {
    const world = new World(1_002);
    const mover = new DataMover(world);
    mover.takesMs = 1_000;
    const nodes = movingCluster(world, 3, 2, { tokens: 1 });
    const b = world.addNode([nodes[0]!.address], { tokens: 1, movements: true });
    const subscribers = nodes.map((node) => new Subscriber(world, node, b));
    b.start();
    const membership = (subscriber: Subscriber): string[] =>
      subscriber.told.filter((told) => told.includes('.') || told === 'REMOVED');
    expect(world.runUntil(() => mover.told.length > 0, 20_000)).toBe(true);
    world.run(500);
    // NEW is held until it owns: it is alive before, and not dead.
    for (const subscriber of subscribers) expect(new Set(subscriber.told)).toEqual(new Set(['alive']));
    expect(world.runUntil(() => b.ready && settled(world), 20_000)).toBe(true);
    world.run(2_000);
    for (const subscriber of subscribers) expect(membership(subscriber)).toEqual([`NEW ${b.address}`]);
    const token = b.reader.register.state!.members.get(b.hostId)!.tokens[0]! + 1_000n;
    const request = { operation: 'move', hostId: b.hostId, tokens: [token] } as const;
    expect(ask(world, b, { kind: 'beginOperation', request, force: false })).toMatchObject({ ok: {} });
    expect(world.runUntil(() => settled(world), 30_000)).toBe(true);
    world.run(2_000);
    const moved = [`NEW ${b.address}`, `MOVED ${b.address}`];
    for (const subscriber of subscribers) expect(membership(subscriber)).toEqual(moved);
    const leaves = { operation: 'decommission', hostId: b.hostId } as const;
    const gone = b.hostId;
    expect(ask(world, b, { kind: 'beginOperation', request: leaves, force: false })).toMatchObject({ ok: {} });
    const isOut = (node: SimulatedNode): boolean => node.reader.members().every(({ hostId }) => hostId !== gone);
    expect(world.runUntil(() => nodes.every(isOut), 30_000)).toBe(true);
    for (const subscriber of subscribers) expect(membership(subscriber)).toEqual([...moved, 'REMOVED']);
  });

  it('E03 schema: a subscriber of another node is told of eight definitions made, changed and dropped, in order', () => {
    const world = new World(1_003);
    const [a, b] = movingCluster(world, 2, 2) as [SimulatedNode, SimulatedNode];
    const told: string[] = [];
    world.listen((node, event) => {
      if (node === b && event.kind === 'schema') told.push(event.version);
    });
    const put = (name: string, document: string) =>
      ({ kind: 'putSchema', type: 'document', name, replication: null, document }) as const;
    const drop = (name: string) => ({ kind: 'dropSchema', type: 'document', name }) as const;
    const edits = [
      put('t', '1'),
      put('u', '1'),
      put('t', '2'),
      drop('u'),
      put('v', '1'),
      put('v', '2'),
      drop('t'),
      drop('v'),
    ];
    const made: string[] = [];
    for (const edit of edits) {
      expect(ask(world, a, edit)).toMatchObject({ ok: {} });
      made.push(a.reader.schema.version);
      expect(world.runUntil(() => b.reader.schema.version === made.at(-1), 10_000)).toBe(true);
    }
    world.run(5_000);
    expect(told).toEqual(made);
    expect(new Set(made).size).toBe(8);
  });
});
