import { describe, expect, it } from 'vitest';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { DeathWatch } from '../../src/sim/death-watch.ts';
import { World } from '../../src/sim/world.ts';

describe('detection by swim, in the production core', () => {
  it('a crash is dead at all within seconds, nobody else is, and the evidence names who accused', () => {
    const world = new World(1);
    const nodes = convergedCluster(world, 30, { detector: 'swim' });
    world.run(5_000);
    const deaths = new DeathWatch(world);
    const [crashed] = nodes;
    const { hostId } = crashed!;
    deaths.crash(crashed!);
    expect(world.runUntil(() => deaths.settled, 10_000)).toBe(true);
    expect(deaths.falsePositives).toBe(0);
    const verdicts = nodes.slice(1).map((node) => node.reader.evidence(hostId)?.findings.at(-1));
    for (const verdict of verdicts) expect(verdict).toMatchObject({ kind: 'dead', accuser: expect.any(String) });
  });

  it('thirty of 150 that crash at once are dead at all within 7 s: what rumors have no room for, exchanges bring', () => {
    const world = new World(7);
    const nodes = convergedCluster(world, 150, { detector: 'swim' });
    // A node that has just started may tell more than later.
    world.run(35_000);
    const deaths = new DeathWatch(world);
    for (const node of shuffle([...nodes], new SeededRandom(7)).slice(0, 30)) deaths.crash(node);
    expect(world.runUntil(() => deaths.settled, 7_000)).toBe(true);
    expect(deaths.falsePositives).toBe(0);
  });

  it.each([2, 5, 9])(
    'a crash is dead at all also where every message is late by up to 5 s, and nobody else is (seed %i)',
    (seed) => {
      const world = new World(seed);
      const nodes = convergedCluster(world, 6, { detector: 'swim' });
      const deaths = new DeathWatch(world);
      world.network.change({ reorderRatio: 1, reorderMs: 5_000, streams: false });
      // Long enough that all of them hold themselves for slow.
      world.run(120_000);
      deaths.crash(nodes[3]!);
      expect(world.runUntil(() => deaths.settled, 60_000)).toBe(true);
      expect(deaths.falsePositives).toBe(0);
    },
  );

  it('a restarted node is alive at all at once, by its higher generation', () => {
    const world = new World(2);
    const nodes = convergedCluster(world, 10, { detector: 'swim' });
    world.run(5_000);
    const deaths = new DeathWatch(world);
    const [node, ...others] = nodes;
    const { hostId } = node!;
    deaths.crash(node!);
    expect(world.runUntil(() => deaths.settled, 10_000)).toBe(true);
    node!.start();
    const back = (): boolean =>
      others.every((each) => each.reader.members().find((member) => member.hostId === hostId)?.liveness === 'alive');
    expect(world.runUntil(back, 3_000)).toBe(true);
  });

  it('a node configured for phi takes the cluster’s swim, says so, and gossips with the others', () => {
    const world = new World(3);
    const logged: string[] = [];
    world.listen((_node, event) => {
      if (event.kind === 'log') logged.push(event.event);
    });
    const [founder] = world.cluster(1, { detector: 'swim' });
    const joiner = world.addNode([founder!.address], { detector: 'phi' });
    joiner.start();
    expect(world.runUntil(() => joiner.ready, 30_000)).toBe(true);
    expect(logged).toContain('detectorOfCluster');
    world.run(10_000);
    expect(founder!.reader.evidence(joiner.hostId)?.lastAck).not.toBeNull();
    expect(joiner.reader.phi(founder!.hostId)).toBeNull();
  });
});
