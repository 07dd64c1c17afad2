import { afterEach, describe, expect, it, vi } from 'vitest';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a cluster of this size does in its first 12 seconds, a node on average; and what a member does that is started again. */
function costs(size: number): { messages: number; saves: number; restartMessages: number; restartSaves: number } {
  const save = vi.spyOn(SimulatedNode.prototype, 'save');
  const world = new World(11);
  const [, member] = convergedCluster(world, size, { detector: 'swim' });
  world.run(8_000);
  const messages = world.messagesSent / size;
  const saves = save.mock.calls.length / size;
  member!.crash();
  member!.start();
  save.mockClear();
  let restartMessages = 0;
  world.tap((from) => {
    if (from === member) restartMessages++;
    return true;
  });
  world.run(4_000);
  const restartSaves = save.mock.contexts.filter((node) => node === member).length;
  save.mockRestore();
  return { messages, saves, restartMessages, restartSaves };
}

describe('what a node costs', () => {
  it('does not grow with the cluster: neither its messages nor its writes', () => {
    const small = costs(70);
    const large = costs(140);
    expect(small.messages).toBeGreaterThan(15);
    expect(large.messages).toBeLessThan(1.1 * small.messages);
    expect(large.saves).toBeLessThan(1);
    // A member that is started again asks each other voter what it remembers, once; and 64 hosts whether they live.
    expect(large.restartMessages).toBeGreaterThan(140);
    expect(large.restartMessages).toBeLessThan(140 + 200);
    expect(large.restartSaves).toBeLessThan(small.restartSaves + 10);
  });
});
