import { describe, expect, it } from 'vitest';
import type { SingleMessage } from '../../src/node/message.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { singleMessages } from '../sim/single-messages.ts';

/** A ring of two in which `holder` gossips a schema version, and nobody serves any. */
function ringWithUnservedVersion(seed: number): { world: World; seedNode: SimulatedNode; holder: SimulatedNode } {
  const world = new World(seed);
  const [seedNode, holder] = world.cluster(2) as [SimulatedNode, SimulatedNode];
  const serves = (each: SingleMessage): boolean =>
    each.kind === 'schemaPush' || (each.kind === 'rumors' && each.definitions.length > 0);
  world.tap((_from, _to, _channel, message) => !singleMessages(message).some(serves));
  holder.command({ kind: 'putSchema', type: 'document', name: 'limits', replication: null, document: 'a: 1' });
  world.run(5_000);
  return { world, seedNode, holder };
}

describe('schema scenarios', () => {
  it('S06 join waits for a schema version that a peer reports and nobody serves: refused in time, and told why', () => {
    const { world, seedNode, holder } = ringWithUnservedVersion(6);
    const schemaTimeoutMs = 8_000;
    const joiner = world.addNode([seedNode.address], { schemaTimeoutMs });
    joiner.start();
    world.run(schemaTimeoutMs - 1_000);
    expect(joiner.fatal).toBeNull();
    expect(joiner.reader.waitingFor.join()).toContain(holder.reader.schema.version);
    world.run(3_000);
    expect(joiner.fatal).toMatchObject({ code: 'TIMEOUT', hint: expect.stringContaining('skipSchema') });
    expect(joiner.fatal?.message).toContain(holder.hostId);
    expect(seedNode.reader.ring()?.natural).toHaveLength(2);
  });

  it.each(['version', 'host id', 'address'] as const)('S06 join waits, but not for what is skipped by %s', (by) => {
    const { world, seedNode, holder } = ringWithUnservedVersion(7);
    const skipped = { version: holder.reader.schema.version, 'host id': holder.hostId, address: holder.address }[by];
    const joiner = world.addNode([seedNode.address], { skipSchema: [skipped] });
    joiner.start();
    expect(world.runUntil(() => joiner.ready, 10_000)).toBe(true);
  });

  it('S06 join waits, but not for the version of the dead member that it replaces', () => {
    const { world, seedNode, holder } = ringWithUnservedVersion(8);
    const third = world.addNode([seedNode.address], { skipSchema: [holder.hostId] });
    third.start();
    expect(world.runUntil(() => third.ready, 10_000)).toBe(true);
    const dead = holder.hostId;
    const version = holder.reader.schema.version;
    expect(seedNode.reader.endpointState(dead)?.values.get('SCHEMA')?.value).toBe(version);
    holder.crash();
    const isDead = (): boolean => seedNode.reader.members().find(({ hostId }) => hostId === dead)?.liveness === 'dead';
    expect(world.runUntil(isDead, 60_000)).toBe(true);
    const replacing = world.addNode([seedNode.address], { replace: dead });
    replacing.start();
    expect(world.runUntil(() => replacing.ready, 20_000)).toBe(true);
    expect(replacing.reader.schema.version).not.toBe(version);
  });

  it.each(['swim', 'phi'] as const)(
    'an edit is told as itself, whatever stands in the schema beside it: %s',
    (detector) => {
      const world = new World(9);
      const nodes = world.cluster(4, { detector });
      const put = (name: string, document: string): number =>
        nodes[0]!.command({ kind: 'putSchema', type: 'document', name, replication: null, document });
      for (let i = 0; i < 40; i++) put(`document${i}`, 'text');
      world.run(30_000);
      let told = 0;
      world.tap((_from, _to, _channel, message) => {
        for (const each of singleMessages(message)) {
          if (each.kind === 'schemaPush' || each.kind === 'rumors') told += each.definitions.length;
        }
        return true;
      });
      // The second one fits no datagram.
      for (const [name, document] of [
        ['small', 'text'],
        ['large', 'x'.repeat(100_000)],
      ] as const) {
        put(name, document);
        const known = (): boolean => nodes.every((each) => each.reader.schema.get('document', name) !== null);
        expect(world.runUntil(known, 5_000)).toBe(true);
      }
      world.run(30_000);
      expect(new Set(nodes.map((each) => each.reader.schema.version)).size).toBe(1);
      expect(told).toBeLessThan(40);
    },
  );

  it('what another has just put, and what is not on disk yet, is acknowledged to nobody', () => {
    const world = new World(10);
    const [node] = world.cluster(1) as [SimulatedNode];
    const put = (): number =>
      node.command({ kind: 'putSchema', type: 'document', name: 'limits', replication: null, document: 'a: 1' });
    const commands = [put(), put()];
    expect(commands.map((command) => node.resultOf(command))).toEqual([null, null]);
    expect(world.runUntil(() => commands.every((command) => node.resultOf(command) !== null), 1_000)).toBe(true);
    const results = commands.map((command) => node.resultOf(command));
    expect(results[0]).toMatchObject({ ok: { version: node.reader.schema.version } });
    expect(results[1]).toEqual(results[0]);
  });
});
