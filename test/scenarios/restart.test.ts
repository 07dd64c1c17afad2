import { describe, expect, it } from 'vitest';
import { dayMs, minuteMs } from '../../src/base/time.ts';
import { ApplicationState } from '../../src/gossip/application-state.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover, movingCluster, settled } from '../sim/data-mover.ts';
import { singleMessages } from '../sim/single-messages.ts';

/** Each of these sees each of them alive. */
const allAlive = (nodes: readonly SimulatedNode[]): boolean =>
  nodes.every((node) =>
    nodes.every((other) =>
      node.reader.members().some((member) => member.hostId === other.hostId && member.liveness === 'alive'),
    ),
  );

const words = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

describe('restart scenarios', () => {
  it('Q02 cold ring: all stopped, one started: peers are down, with tokens, ids and racks from disk', () => {
    const world = new World(2);
    const nodes = world.cluster(4, (index) => ({ rack: `rack${index}` }));
    world.run(5_000);
    const before = nodes.map((node) => ({
      hostId: node.hostId,
      tokens: node.reader.ring()!.natural.find((m) => m.hostId === node.hostId)!.tokens,
    }));
    for (const node of nodes) node.crash();
    nodes[3]!.start();
    world.run(5_000);
    expect(nodes[3]!.ready).toBe(true);
    const members = nodes[3]!.reader.members();
    expect(members).toHaveLength(4);
    for (const [index, { hostId, tokens }] of before.entries()) {
      const member = members.find((each) => each.hostId === hostId)!;
      expect(member).toMatchObject({
        rack: `rack${index}`,
        tokens,
        liveness: index === 3 ? 'alive' : 'dead',
        state: 'normal',
      });
    }
  });

  it('Q03 every restart has the same host id and tokens and a higher generation, also when the clock stands still', () => {
    const world = new World(3);
    const [a, b] = world.cluster(2);
    world.run(3_000);
    const hostId = b!.hostId;
    let generation = b!.reader.generation;
    const tokens = b!.reader.ring()?.natural.find((member) => member.hostId === hostId)?.tokens;
    for (let round = 0; round < 5; round++) {
      b!.crash();
      b!.clockSkewMs -= 3_600_000;
      b!.start();
      expect(world.runUntil(() => b!.ready, 10_000)).toBe(true);
      expect(b!.hostId).toBe(hostId);
      expect(b!.reader.generation).toBeGreaterThan(generation);
      generation = b!.reader.generation;
      expect(b!.reader.ring()?.natural.find((member) => member.hostId === hostId)?.tokens).toEqual(tokens);
      expect(world.runUntil(() => a!.reader.endpointState(hostId)?.generation === generation, 10_000)).toBe(true);
    }
  });

  it('Q04 config changes: an edited datacenter or rack is refused unless overridden', () => {
    const world = new World(4);
    const [a] = world.cluster(1);
    world.run(2_000);
    for (const [config, code] of [
      [{ rack: 'other' }, 'CONFIG_CHANGED'],
      [{ datacenter: 'other' }, 'CONFIG_CHANGED'],
      [{ datacenter: 'other', allowConfigChange: true }, null],
    ] as const) {
      const disk = a!.running ? a!.diskCopy() : disks.at(-1)!;
      disks.push(disk);
      if (a!.running) a!.crash();
      const edited = world.addNode([a!.address], config, `10.9.0.${disks.length}:7600`);
      edited.replaceDisk(disk);
      edited.start();
      world.run(2_000);
      expect(edited.fatal?.code ?? null).toBe(code);
    }
  });

  it('a member that finds nobody asks less and less often, and not at all once a peer is alive', () => {
    const world = new World(6);
    const [a, b] = world.cluster(2);
    world.run(3_000);
    a!.crash();
    b!.crash();
    let asked = 0;
    world.tap((from, _to, _channel, message) => {
      if (from === b && message.kind === 'shadowSyn') asked++;
      return true;
    });
    b!.start();
    world.run(10 * minuteMs);
    // Every half second would be 1,200 times.
    expect(asked).toBeGreaterThan(60);
    expect(asked).toBeLessThan(300);
    // Said every five seconds it would be 120 times.
    const said = b!.events.filter((event) => event.kind === 'log' && event.event === 'waiting');
    expect(said.length).toBeGreaterThan(2);
    expect(said.length).toBeLessThan(10);
    a!.start();
    expect(world.runUntil(() => allAlive([a!, b!]), 10_000)).toBe(true);
    world.run(2_000);
    asked = 0;
    world.run(10 * minuteMs);
    expect(asked).toBe(0);
  });

  it('nobody who runs is stopped or convicted because a clock was set back by days', () => {
    const world = new World(7);
    const [a, b, c] = world.cluster(3);
    world.run(3_000);
    world.network.partition([[c!.address], [a!.address, b!.address]]);
    expect(world.runUntil(() => !allAlive([a!, b!, c!]), 60_000)).toBe(true);
    for (const node of [a!, b!]) node.clockSkewMs = -3 * dayMs;
    world.run(2 * minuteMs);
    world.network.heal();
    expect(world.runUntil(() => allAlive([a!, b!, c!]), 60_000)).toBe(true);
  });

  it('a member that has lost everybody asks its seeds again: a name that leads elsewhere by now brings it back', () => {
    const world = new World(8);
    const [a, b, c] = world.cluster(3);
    world.run(3_000);
    world.network.partition([[a!.address, b!.address], [c!.address]]);
    expect(world.runUntil(() => !allAlive([a!, b!, c!]), 60_000)).toBe(true);
    for (const node of [a!, b!, c!]) node.stop();
    const elsewhere = ['10.0.7.0:7600', '10.0.7.1:7600', '10.0.7.2:7600'];
    for (const [index, node] of [a!, b!, c!].entries()) {
      world.move(node, elsewhere[index]!);
      node.reseed([{ name: 'seed.example:7600', literal: true, addresses: [elsewhere[index === 2 ? 2 : 0]!] }]);
      node.start();
    }
    world.network.partition([elsewhere.slice(0, 2), elsewhere.slice(2)]);
    expect(world.runUntil(() => allAlive([a!, b!]), 10_000)).toBe(true);
    b!.crash();
    world.run(60_000);
    world.network.heal();
    // Nobody knows the address of anybody who lives, but by name.
    a!.reseed([{ name: 'seed.example:7600', literal: true, addresses: [elsewhere[2]!] }]);
    expect(world.runUntil(() => allAlive([a!, c!]), 60_000)).toBe(true);
  });

  it('two halves that all moved while they were apart find one another by a seed that leads to nobody known', () => {
    const world = new World(9);
    const nodes = world.cluster(4);
    world.run(3_000);
    for (const node of nodes) node.stop();
    const elsewhere = nodes.map((_node, index) => `10.0.7.${index}:7600`);
    world.network.partition([elsewhere.slice(0, 2), elsewhere.slice(2)]);
    for (const [index, node] of nodes.entries()) {
      world.move(node, elsewhere[index]!);
      const nearby = elsewhere[index < 2 ? 0 : 2]!;
      node.reseed([{ name: 'seed.example:7600', literal: true, addresses: [nearby] }]);
      node.start();
    }
    world.run(60_000);
    expect(allAlive(nodes.slice(0, 2)) && allAlive(nodes.slice(2))).toBe(true);
    world.network.heal();
    world.run(10_000);
    expect(allAlive(nodes)).toBe(false);
    for (const node of nodes) node.reseed([{ name: 'seed.example:7600', literal: true, addresses: [elsewhere[2]!] }]);
    expect(world.runUntil(() => allAlive(nodes), 2 * minuteMs)).toBe(true);
  });

  it('R09 a new address under the same id: the old one vanishes for good, and no range is moved until it leaves', () => {
    const world = new World(309);
    new InvariantWatch(world);
    const mover = new DataMover(world);
    const nodes = movingCluster(world, 3, 2);
    const [a, b, c] = nodes as [SimulatedNode, SimulatedNode, SimulatedNode];
    const { hostId } = c;
    const old = c.address;
    const { fingerprint } = a.reader.ring()!;
    c.stop();
    world.move(c, '10.0.9.9:7600');
    c.start();
    const addressAt = (node: SimulatedNode): string | null | undefined =>
      node.reader.members().find((member) => member.hostId === hostId)?.address;
    expect(world.runUntil(() => nodes.every((node) => addressAt(node) === c.address), 20_000)).toBe(true);
    expect(allAlive(nodes)).toBe(true);
    expect(a.reader.ring()!.fingerprint).toBe(fingerprint);
    expect(mover.told).toEqual([]);
    const known = (node: SimulatedNode): string =>
      JSON.stringify([node.reader.members(), node.diskCopy().peers], words);
    world.run(5_000);
    for (const node of nodes) expect(known(node)).not.toContain(old);
    // Neither a restart of who saw the change, nor the end of the member, brings the old address back.
    b.crash();
    b.start();
    expect(world.runUntil(() => allAlive(nodes), 20_000)).toBe(true);
    let reached = 0;
    world.tap((_from, to) => {
      if (to.address === old) reached++;
      return true;
    });
    const request = { operation: 'decommission', hostId } as const;
    expect(ask(world, a, { kind: 'beginOperation', request, force: false })).toMatchObject({ ok: {} });
    expect(world.runUntil(() => c.left && settled(world), 30_000)).toBe(true);
    expect(mover.told.every(({ movement }) => movement.operation === 'decommission')).toBe(true);
    world.run(60_000);
    expect(reached).toBe(0);
    for (const node of [a, b]) {
      expect(known(node)).not.toContain(old);
      expect(known(node)).not.toContain(c.address);
    }
  });

  it('Q05 tokens at start: the first thing a restarted member says of itself has TOKENS before STATUS', () => {
    const world = new World(5);
    const [a, b] = world.cluster(2);
    world.run(3_000);
    b!.crash();
    const first: string[][] = [];
    world.tap((from, _to, _channel, message) => {
      for (const each of singleMessages(message)) {
        if (from !== b || (each.kind !== 'ack' && each.kind !== 'ack2' && each.kind !== 'rumors')) continue;
        for (const delta of each.deltas) {
          if (delta.hostId === b!.hostId && delta.counter === 'state' && delta.from === 0)
            first.push(delta.entries.map(([key]) => key));
        }
      }
      return true;
    });
    b!.start();
    expect(world.runUntil(() => first.length > 0, 10_000)).toBe(true);
    const keys = first[0]!;
    expect(keys.indexOf(ApplicationState.tokens)).toBeGreaterThanOrEqual(0);
    expect(keys.indexOf(ApplicationState.tokens)).toBeLessThan(keys.indexOf(ApplicationState.status));
    expect(a!.reader.ring()?.natural).toHaveLength(2);
  });
});

const disks: ReturnType<import('../../src/sim/simulated-node.ts').SimulatedNode['diskCopy']>[] = [];
