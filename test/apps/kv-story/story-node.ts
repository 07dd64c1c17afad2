import { readFileSync } from 'node:fs';
import { SeededRandom } from '#dist/base/random';
import { startNodeWith } from '#dist/runtime/start-node';
import { FaultTransport } from '#dist/transport/fault-transport';
import { type KvNode, startKvNode } from '../kv/kv-node.ts';
import { lossyDoor } from './lossy-door.ts';
import type { Answer, Look, NodeSetup, Order } from './node-control.ts';

/**
 * One node of the story, a process of its own: the store as an application runs it, on a transport that misbehaves. Takes
 * orders from the process that started it, and dies with it.
 */
const setup = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as NodeSetup;
const random = new SeededRandom(setup.seed);
let { faults } = setup;
let transport: FaultTransport | null = null;

const tell = (answer: Answer): void => void process.send?.(answer);
process.once('disconnect', () => process.exit(1));

const kv = await startKvNode({
  ...setup.kv,
  door: lossyDoor(
    () => faults.door,
    () => random.fraction(),
  ),
  start: (options) =>
    startNodeWith(options, {
      transport: (inner, handler) => {
        transport = new FaultTransport(inner, handler, random, faults.gossip);
        return transport;
      },
      config: { barriers: { acknowledgements: setup.barriers, data: setup.barriers } },
    }),
}).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
process.on('message', (order: Order) => {
  obey(kv, order).then(
    (result) => tell({ kind: 'done', id: order.id, result }),
    (error: unknown) => tell({ kind: 'failed', id: order.id, error: String(error) }),
  );
});
tell({ kind: 'ready', address: kv.address, gossipAddress: kv.node.gossipAddress, hostId: kv.node.hostId });
void kv.node.stopped.then((reason) => {
  if (reason !== null) console.error(reason);
  process.exit(reason === null ? 0 : 1);
});

async function obey({ node }: KvNode, order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'faults':
      faults = order.faults;
      if (transport !== null) transport.faults = faults.gossip;
      return null;
    case 'decommission':
      return node.decommission();
    case 'move':
      return node.move(BigInt(order.token));
    case 'remove':
      return node.removeNode(order.hostId);
    case 'resume':
      for (const { operationId } of node.operations()) await node.resumeOperation(operationId);
      return null;
    case 'look':
      return {
        epoch: node.ring()?.epoch ?? 0,
        owners: node.ring()?.natural.map(({ hostId }) => hostId) ?? [],
        dead: node.members().flatMap(({ hostId, liveness }) => (liveness === 'dead' ? [hostId] : [])),
        operations: node.operations().map(({ kind, step, waitingFor }) => `${kind} ${step} ${waitingFor.join('; ')}`),
      } satisfies Look;
  }
}
