import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../src/node/store-record.ts';
import { World } from '../../src/sim/world.ts';

const peer = (address: string): StoreRecord => ({
  kind: 'peer',
  peer: { hostId: `00000000-0000-4000-8000-${address.padStart(12, '0')}`, address, lastSeenMs: 0, states: [] },
});

/** Which of four peers are on the disk of a node that saved, committed twice, saved, and crashed in the same moment. */
function keptPeers(world: World): string {
  const node = world.addNode([]);
  node.save(peer('1'));
  node.commit([peer('2')]);
  node.commit([peer('3')]);
  node.save(peer('4'));
  node.crash();
  const { peers } = node.diskCopy();
  return peers.map(({ address }) => address).join('');
}

describe('the crash of a simulated node', () => {
  it('loses what was saved and not due, and of the commits under way none, some or all, in their order', () => {
    const world = new World(1);
    const kept = Array.from({ length: 60 }, () => keptPeers(world));
    // A save goes with the commit after it; one that no commit follows is lost with the rest.
    expect([...new Set(kept)].sort()).toEqual(['', '12', '123']);
  });
});

describe('a restart of a simulated node', () => {
  it('is a new life, which no timer, commit or failed send of the one before reaches', () => {
    const world = new World(1);
    const [node] = world.cluster(1);
    const inputs: string[] = [];
    const step = node!.step.bind(node);
    node!.crash();
    // Of the life that is over, due in the next one.
    world.timer(node!, 500, { kind: 'gossip' });
    world.later(node!, 500, { kind: 'sendFailed', to: { hostId: null, address: '10.0.0.9:7600' } });
    world.later(node!, 500, { kind: 'committed', batch: [peer('1')] });
    node!.start();
    node!.step = (input) => {
      if (world.nowMs === dueMs) inputs.push(input.kind);
      step(input);
    };
    const dueMs = world.nowMs + 500;
    world.timer(node!, 500, { kind: 'gossip' });
    world.run(1_000);
    expect(inputs).toEqual(['timer']);
  });
});
