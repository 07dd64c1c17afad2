import { join } from 'node:path';
import { type FastifyInstance, fastify } from 'fastify';
import { type MurmuringNode, type NodeOptions, RingError, startNode } from 'murmuring';
import { addressState, Coordinator, NoQuorum } from './coordinator.ts';
import { keyspace } from './keyspace.ts';
import { addKvRoutes } from './kv-routes.ts';
import { rangeStream } from './range-stream.ts';
import { httpReplicaDoor, type ReplicaDoor } from './replica-door.ts';
import { addReplicaRoutes } from './replica-routes.ts';
import { ReplicaStore } from './replica-store.ts';

export interface KvOptions {
  /** What murmuring is told. Its `data` is where this application keeps its own data too, beside it. */
  readonly node: NodeOptions & { readonly data: string };
  /** How many nodes hold each key: given to the first node of a cluster, which makes the keyspace. */
  readonly replicationFactor?: number;
  /** How the node is started, and how replicas are asked. For tests. */
  readonly start?: typeof startNode;
  readonly door?: ReplicaDoor;
}

/** A node of the store: a murmuring node, the data of this node, and HTTP for clients and for the other nodes. */
export interface KvNode {
  readonly node: MurmuringNode;
  /** Where clients and replicas are served. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts a node of the store. It serves before it has joined: a joiner is written to, and asked for ranges, while it
 * joins. Rejects, with everything closed again, as `startNode` does.
 */
export async function startKvNode(options: KvOptions): Promise<KvNode> {
  const { start = startNode, door = httpReplicaDoor } = options;
  const store = await ReplicaStore.open(join(options.node.data, 'kv'));
  const app = fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 1_000 } });
  const close = async (): Promise<void> => {
    await app.close();
    await store.close();
  };
  let known: MurmuringNode | null = null;
  let coordinator: Coordinator | null = null;
  addReplicaRoutes(app, store, () => known);
  addKvRoutes(app, () => coordinator);
  answerErrors(app);
  try {
    const address = (await app.listen({ host: '127.0.0.1', port: 0 })).replace('http://', '');
    const node = await start({
      ...options.node,
      data: join(options.node.data, 'murmuring'),
      onRangeMovement: rangeStream(store, door, (hostId) => known?.state(hostId, addressState) ?? null),
      onStart: async (started) => {
        known = started;
        coordinator = new Coordinator(started, door);
        await started.setState(addressState, address);
      },
    });
    if (options.replicationFactor !== undefined) await makeKeyspace(node, options.replicationFactor);
    // A node that left the ring, or cannot go on, serves nobody.
    void node.stopped.then(close);
    const stop = async (): Promise<void> => {
      await node.stop();
      await close();
    };
    return { node, address, stop };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeKeyspace(node: MurmuringNode, replicationFactor: number): Promise<void> {
  if (node.schema().definitions.some(({ name }) => name === keyspace)) return;
  await node.putKeyspace(keyspace, { class: 'SimpleStrategy', replication_factor: replicationFactor });
}

/** 409: a stale route, the asker is to route anew. 503: try again, perhaps elsewhere. */
function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    const stale = error instanceof RingError && error.code === 'STALE_ROUTE';
    const passing = error instanceof NoQuorum || (error instanceof RingError && error.retryable);
    const { statusCode = 500 } = error as { statusCode?: number };
    return reply.code(stale ? 409 : passing ? 503 : statusCode).send(String(error));
  });
}
