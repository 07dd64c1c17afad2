import { describe, expect, it } from 'vitest';
import { ApplicationState } from '../../src/gossip/application-state.ts';
import { World } from '../../src/sim/world.ts';

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

  it('Q05 tokens at start: the first thing a restarted member says of itself has TOKENS before STATUS', () => {
    const world = new World(5);
    const [a, b] = world.cluster(2);
    world.run(3_000);
    b!.crash();
    const first: string[][] = [];
    world.tap((from, _to, _channel, message) => {
      for (const each of message.kind === 'bundle' ? message.messages : [message]) {
        if (from !== b || (each.kind !== 'ack2' && each.kind !== 'rumors')) continue;
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
