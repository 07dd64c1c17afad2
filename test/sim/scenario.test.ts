import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { DeathWatch } from '../../src/sim/death-watch.ts';
import { playScenario, type Step } from '../../src/sim/scenario.ts';
import { SpreadWatch } from '../../src/sim/spread-watch.ts';
import { Trace } from '../../src/sim/trace.ts';
import { World } from '../../src/sim/world.ts';

const steps: Step[] = [
  { at: 3_000, do: 'set', nodes: [1], key: 'x:colour', value: 'blue' },
  { at: 4_000, do: 'network', change: { lossRatio: 0.2, duplicateRatio: 0.1, reorderRatio: 0.1 } },
  { at: 5_000, do: 'crash', nodes: { random: 2 } },
  { at: 6_000, do: 'stall', nodes: [0], forMs: 700, everyMs: 2_000, times: 3 },
  { at: 7_000, do: 'degrade', nodes: [2], lossInRatio: 0.5, lossOutRatio: 0.5 },
  { at: 9_000, do: 'partition', groups: [[], [3, 4]] },
  { at: 12_000, do: 'heal' },
  { at: 15_000, do: 'restart', nodes: 'all' },
];

/** SHA-256 of all that happened in twenty seconds of the scenario. */
function digestOf(seed: number): string {
  const world = new World(seed);
  const trace = new Trace();
  world.record(trace);
  convergedCluster(world, 8);
  playScenario(world, steps, new SeededRandom(seed));
  world.run(20_000);
  return trace.digest;
}

describe('a scenario', () => {
  it('gives the same trace for the same seed, byte for byte, and another for another', () => {
    expect(digestOf(1)).toBe(digestOf(1));
    expect(digestOf(1)).not.toBe(digestOf(2));
  });

  it('has nodes that keep no disk: they run as all others do, and cannot start again', () => {
    const digest = (keepsDisk: boolean): string => {
      const world = new World(3);
      const trace = new Trace();
      world.record(trace);
      const nodes = convergedCluster(world, 5);
      for (const node of nodes) node.keepsDisk = keepsDisk;
      nodes[0]!.command({ kind: 'setStates', entries: [['x:colour', 'blue']] });
      nodes[4]!.crash();
      world.run(10_000);
      if (!keepsDisk) expect(() => nodes[4]!.start()).toThrow('keeps no disk');
      if (!keepsDisk) expect(() => nodes[4]!.diskCopy()).toThrow('keeps no disk');
      return trace.digest;
    };
    expect(digest(false)).toBe(digest(true));
  });

  it('begins with a cluster of which every node is ready, and holds of every other exactly what that one says', () => {
    const world = new World(4);
    const nodes = convergedCluster(world, 12);
    let moved = 0;
    world.listen((_node, event) => {
      if (event.kind === 'states' || event.kind === 'ring') moved++;
    });
    world.run(5_000);
    expect(moved).toBe(0);
    expect(new Set(nodes.map((node) => node.reader.ring()?.fingerprint)).size).toBe(1);
    for (const node of nodes) {
      expect(node.ready).toBe(true);
      expect(node.reader.members().map((member) => member.liveness)).toEqual(new Array(12).fill('alive'));
      for (const other of nodes) {
        expect(node.reader.endpointState(other.hostId)?.values).toEqual(
          other.reader.endpointState(other.hostId)?.values,
        );
      }
    }
  });

  it('can go on from a crash: a node of a converged cluster restarts from its disk, and one more can join', () => {
    const world = new World(5);
    const nodes = convergedCluster(world, 5);
    world.run(5_000);
    nodes[3]!.crash();
    world.run(1_000);
    nodes[3]!.start();
    expect(world.runUntil(() => nodes[3]!.ready, 30_000)).toBe(true);
    const sixth = world.addNode([nodes[0]!.address]);
    sixth.start();
    expect(world.runUntil(() => sixth.ready, 60_000)).toBe(true);
    expect(sixth.reader.ring()?.natural.length).toBe(6);
  });

  it('makes the inputs of a stalled node wait, and then tells it for how long it stood still', () => {
    const world = new World(6);
    const nodes = convergedCluster(world, 3);
    world.run(5_000);
    const trace = new Trace(true);
    world.record(trace);
    world.stall(nodes[1]!, 2_000);
    world.run(1_999);
    expect(trace.lines.filter((line) => line.includes(` ${nodes[1]!.address} `))).toEqual([]);
    world.run(2);
    const taken = trace.lines.filter((line) => line.includes(` ${nodes[1]!.address} `));
    expect(taken[0]).toContain('stalled 2000');
    expect(taken.length).toBeGreaterThan(3);
  });

  it('keeps a node that stands still where it is, whatever shorter stall comes meanwhile', () => {
    const world = new World(6);
    const [, node] = convergedCluster(world, 3);
    world.run(5_000);
    const trace = new Trace(true);
    world.record(trace);
    const taken = (): string[] => trace.lines.filter((line) => line.includes(` ${node!.address} `));
    world.stall(node!, 2_000);
    world.run(500);
    world.stall(node!, 100);
    world.run(1_000);
    world.stall(node!, 1_500);
    world.run(1_499);
    expect(taken()).toEqual([]);
    world.run(2);
    const told = taken().map((line) => Number(/stalled (\d+)/.exec(line)?.[1] ?? 0));
    expect(told.reduce((sum, forMs) => sum + forMs, 0)).toBe(3_000);
  });
});

describe('what is watched', () => {
  it('a change: known to all in the end, each node counted once, and carried by at least as many messages', () => {
    const world = new World(7);
    const nodes = convergedCluster(world, 10);
    world.run(5_000);
    const watch = new SpreadWatch(world);
    watch.change(nodes[0]!, 'x:colour', 'blue');
    expect(watch.settled).toBe(false);
    expect(world.runUntil(() => watch.settled, 20_000)).toBe(true);
    const [spread] = watch.spreads;
    expect(spread!.delaysMs).toHaveLength(9);
    expect(spread!.missing).toBe(0);
    expect(spread!.sends).toBeGreaterThanOrEqual(9);
  });

  it('a death: who found it first and when all did; a node cut off from the others is a false verdict for each of them', () => {
    const world = new World(8);
    const nodes = convergedCluster(world, 6);
    world.run(5_000);
    const watch = new DeathWatch(world);
    watch.crash(nodes[2]!);
    expect(world.runUntil(() => watch.settled, 60_000)).toBe(true);
    const [death] = watch.deaths;
    expect(death!.firstMs).toBeGreaterThan(0);
    expect(death!.allMs).toBeGreaterThanOrEqual(death!.firstMs!);
    expect(watch.falsePositives).toBe(0);
    world.network.partition([[], [nodes[5]!.address]]);
    world.run(60_000);
    expect([...watch.falselyDead]).toContain(nodes[5]);
    expect(watch.falsePositives).toBeGreaterThanOrEqual(4);
  });
});
