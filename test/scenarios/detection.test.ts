import { describe, expect, it } from 'vitest';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { DeathWatch } from '../../src/sim/death-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

/** Each loop stands still again and again, for `forMs`, and runs for up to `runsMs` in between. */
function standStill(world: World, [leastMs, mostMs]: readonly [number, number], runsMs: number): void {
  const random = new SeededRandom(world.seed);
  const next = (node: SimulatedNode): void => {
    const forMs = leastMs + random.below(mostMs - leastMs);
    if (node.running) world.stall(node, forMs);
    world.at(world.nowMs + forMs + random.below(runsMs), () => next(node));
  };
  for (const node of world.nodes) world.at(world.nowMs + random.below(mostMs), () => next(node));
}

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

  const slow: readonly { where: string; slows: (world: World) => void }[] = [
    {
      where: 'every message takes 2.5 s',
      slows: (world) => world.network.change({ latencyMs: 2_500, maxLatencyMs: 5_000, tailRatio: 0, streams: false }),
    },
    {
      where: 'every message is late by up to 5 s and a fifth is lost',
      slows: (world) => world.network.change({ reorderRatio: 1, reorderMs: 5_000, lossRatio: 0.2, streams: false }),
    },
    {
      where: 'every loop stands still for 1 to 3 s of each 7',
      slows: (world) => standStill(world, [1_000, 3_000], 8_000),
    },
    {
      where: 'every loop hardly runs between halts of 0.5 to 1.5 s',
      slows: (world) => standStill(world, [500, 1_500], 200),
    },
  ];

  for (const { where, slows } of slow) {
    it(`a crash is dead at all within 60 s also where ${where}, and nobody else is`, () => {
      for (let seed = 1; seed <= 8; seed++) {
        const world = new World(seed);
        const nodes = convergedCluster(world, 6, { detector: 'swim' });
        slows(world);
        // Long enough that all of them hold themselves for slow.
        world.run(120_000);
        const deaths = new DeathWatch(world);
        deaths.crash(nodes[3]!);
        expect(
          world.runUntil(() => deaths.settled, 60_000),
          `seed ${seed}`,
        ).toBe(true);
        expect(deaths.falsePositives, `seed ${seed}`).toBe(0);
      }
    });
  }

  it('none is held for dead in ten minutes in which every loop hardly runs between halts', () => {
    const world = new World(3);
    convergedCluster(world, 6, { detector: 'swim' });
    const deaths = new DeathWatch(world);
    standStill(world, [500, 1_500], 200);
    world.run(600_000);
    expect(deaths.falsePositives).toBe(0);
  });

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

  it.each([1, 4, 9, 18])(
    'a node that lost four packets in five is alive at all 3 s after the network is well again (seed %i)',
    (seed) => {
      const world = new World(seed);
      const nodes = convergedCluster(world, 60, { detector: 'swim' });
      const { hostId, address } = nodes[0]!;
      world.network.degrade(address, { lossInRatio: 0.8, lossOutRatio: 0.8 });
      world.run(180_000);
      const isHeldDeadBy = ({ reader }: SimulatedNode): boolean =>
        reader.members().some((member) => member.hostId === hostId && member.liveness === 'dead');
      const held = (): number => nodes.slice(1).filter(isHeldDeadBy).length;
      expect(held()).toBe(59);
      world.network.heal();
      world.run(3_000);
      expect(held()).toBe(0);
    },
  );

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
