import { afterEach, describe, expect, it, vi } from 'vitest';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a node of a converged cluster does on average in the first 15 seconds. */
function perNode(size: number): { messages: number; saves: number } {
  const save = vi.spyOn(SimulatedNode.prototype, 'save');
  const world = new World(11);
  convergedCluster(world, size, { detector: 'swim' });
  world.run(11_000);
  const saves = save.mock.calls.length;
  save.mockRestore();
  return { messages: world.messagesSent / size, saves: saves / size };
}

describe('what a node costs', () => {
  it('does not grow with the cluster: neither its messages nor its writes, from its start on', () => {
    const small = perNode(70);
    const large = perNode(140);
    expect(small.messages).toBeGreaterThan(100);
    expect(large.messages).toBeLessThan(1.1 * small.messages);
    expect(large.saves).toBeLessThan(1);
  });
});
