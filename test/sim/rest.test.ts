import { expect, it } from 'vitest';
import { type Random, SeededRandom, shuffle } from '../../src/base/random.ts';
import { hourMs } from '../../src/base/time.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { singleMessages } from './single-messages.ts';

const swim = { detector: 'swim' } as const;
const steps = 40;
/** All that a node says where nobody has news: it probes, compares bulk keys, and asks seeds that lead to nobody. */
const idle: ReadonlySet<string> = new Set([
  ...['probe', 'probeAck', 'probeRequest', 'probeRelay', 'nack', 'roots', 'buckets bulk'],
  ...['shadowSyn', 'shadowAck'],
]);

/** One thing that happens to a cluster of members and observers. */
function disturb(world: World, random: Random, step: number): void {
  const { nodes } = world;
  const node = nodes[random.below(nodes.length)]!;
  const isDown = !node.running && node.fatal === null;
  switch (random.below(9)) {
    case 0:
      if (node.running) node.crash();
      break;
    case 1:
      if (node.running) node.stop();
      break;
    case 2:
      if (isDown) world.move(node, `10.7.0.${step}:7600`);
      if (isDown) node.start();
      break;
    case 3:
    case 4:
      if (isDown) node.start();
      break;
    case 5: {
      const shuffled = shuffle([...nodes], random).map(({ address }) => address);
      const cut = 1 + random.below(nodes.length - 1);
      world.network.partition([shuffled.slice(0, cut), shuffled.slice(cut)]);
      break;
    }
    case 6:
      world.network.heal();
      break;
    case 7:
      if (node.running) {
        const value = String(step).repeat(1 + random.below(300));
        node.command({ kind: 'setStates', entries: [[`x:${random.below(3)}`, value]] });
      }
      break;
    case 8:
      world.addNode([nodes[0]!.address, nodes[1]!.address], { ...swim, join: false }).start();
      break;
  }
  // No two clocks are a day apart: beyond that one refuses the other's states.
  if (random.below(4) === 0) node.clockSkewMs = (random.below(22) - 11) * hourMs;
  if (random.below(5) === 0 && node.running) world.stall(node, random.below(5_000));
}

/** Who is held for what it is not, by whom. */
function wrong(nodes: readonly SimulatedNode[]): string[] {
  const living = new Set(nodes.map(({ hostId }) => hostId));
  return nodes.flatMap((node) => {
    const alive = new Set(
      node.reader.members().flatMap(({ hostId, liveness }) => (liveness === 'alive' ? [hostId] : [])),
    );
    return [...living, ...alive]
      .filter((hostId) => living.has(hostId) !== alive.has(hostId))
      .map((hostId) => `${node.address} of ${hostId}`);
  });
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'whatever happened to them, nodes that are left alone know who lives, and have nothing to tell (seed %i)',
  (seed) => {
    const random = new SeededRandom(seed);
    const world = new World(seed);
    convergedCluster(world, 20, swim);
    world.run(5_000);
    for (let step = 0; step < steps; step++) {
      disturb(world, random, step);
      world.run([50, 500, 3_000, 20_000, 60_000][random.below(5)]!);
    }
    world.network.heal();
    world.run(240_000);
    const said = new Set<string>();
    world.tap((_from, _to, _channel, message) => {
      for (const each of singleMessages(message)) {
        said.add(each.kind === 'buckets' ? `buckets ${each.counter}` : each.kind);
      }
      return true;
    });
    world.run(60_000);
    expect([...said].filter((kind) => !idle.has(kind))).toEqual([]);
    expect(wrong(world.nodes.filter((node) => node.running))).toEqual([]);
  },
);
