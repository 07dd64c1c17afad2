import { describe, expect, it } from 'vitest';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { SpreadWatch } from '../../src/sim/spread-watch.ts';
import { World } from '../../src/sim/world.ts';

type Style = 'push' | 'pull' | 'pushPull';

/** Ticks of one second until the last of `size` nodes knew each of some changes, by exchanges alone; null: not all did. */
function ticks(size: number, exchangeStyle: Style, exchangePeers: number): number[] {
  const world = new World(11);
  const nodes = convergedCluster(world, size, {
    detector: 'swim',
    antiEntropy: 'periodic',
    rumors: false,
    exchangeStyle,
    exchangePeers,
  });
  world.run(5_000);
  const watch = new SpreadWatch(world);
  for (let change = 0; change < 4; change++) {
    watch.change(nodes[7 * change]!, `x:colour-${change}`, 'blue');
    expect(world.runUntil(() => watch.settled, 30_000)).toBe(true);
  }
  return watch.spreads.map(({ delaysMs }) => Math.ceil(Math.max(...delaysMs) / 1_000));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('exchanges with random peers each tick, and no rumors', () => {
  // More than twenty endpoints open by bucket hashes: whoever opens must still be the one that pushes or pulls.
  it.each([40])('push takes longer than push-pull among %i, and three peers a tick are faster than one', (size) => {
    const one = mean(ticks(size, 'pushPull', 1));
    expect(one).toBeLessThanOrEqual(6);
    expect(mean(ticks(size, 'push', 1))).toBeGreaterThan(1.3 * one);
    expect(mean(ticks(size, 'pull', 1))).toBeGreaterThan(one);
    expect(mean(ticks(size, 'pushPull', 3))).toBeLessThan(one);
  });

  it('pushing goes from who opens the exchange to whom it meets, and pulling the other way', () => {
    for (const style of ['push', 'pull'] as const) {
      const world = new World(12);
      const nodes = convergedCluster(world, 40, {
        detector: 'swim',
        antiEntropy: 'periodic',
        rumors: false,
        exchangeStyle: style,
      });
      world.run(3_000);
      const owner = nodes[0]!;
      const opened: [opener: string, met: string][] = [];
      world.tap((from, to, _channel, message) => {
        if (message.kind === 'buckets' && message.counter === 'state') opened.push([from.address, to.address]);
        return true;
      });
      const watch = new SpreadWatch(world);
      watch.change(owner, 'x:colour', 'blue');
      const learned: string[] = [];
      world.listen((node, event) => {
        if (event.kind === 'states' && event.keys.includes('x:colour') && learned.length === 0)
          learned.push(node.address);
      });
      world.runUntil(() => learned.length > 0, 10_000);
      const [first] = learned;
      const between = opened.filter((pair) => pair.includes(owner.address) && pair.includes(first!));
      expect([style, between.at(-1)?.[0]]).toEqual([style, style === 'push' ? owner.address : first]);
    }
  });
});
