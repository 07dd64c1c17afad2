import { expect, it } from 'vitest';
import type { NodeReader } from '../../src/node/node-reader.ts';
import { MurmuringNode } from '../../src/runtime/murmuring-node.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { World } from '../../src/sim/world.ts';

/** An embedded node over the reader of a simulated one. */
function nodeOver(reader: NodeReader): MurmuringNode {
  return new MurmuringNode({
    driver: { command: () => Promise.reject(new Error('nothing is commanded here')) } as never,
    read: () => reader,
    gossipAddress: '127.0.0.1:7600',
    httpAddress: null,
    stopped: new Promise(() => {}),
    plan: () => {
      throw new Error('nothing is planned here');
    },
    stop: async () => {},
  });
}

it('a route looks at the replicas of its key alone, however many members there are', () => {
  const { reader } = convergedCluster(new World(1), 12)[0]!;
  const members = reader.members();
  const asked: string[] = [];
  const watched = Object.create(reader, {
    hostId: { get: () => reader.hostId },
    router: { value: () => reader.router() },
    members: { value: () => expect.unreachable('all members were listed for one key') },
    member: {
      value(hostId: string) {
        asked.push(hostId);
        return reader.member(hostId);
      },
    },
  }) as NodeReader;
  const { replicas, readOrder } = nodeOver(watched).route('ada');
  expect(asked).toEqual(replicas.map(({ hostId }) => hostId));
  const { tokens: _, state: __, ...seen } = members.find(({ hostId }) => hostId === asked[0])!;
  expect(replicas).toEqual([seen]);
  expect(readOrder).toEqual(replicas);
});
