import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { MurmuringNode } from 'murmuring';
import { keyspace } from './keyspace.ts';
import type { ReplicaStore, TokenRange } from './replica-store.ts';
import type { Entry, VersionedValue } from './versioned-value.ts';

interface Asked {
  readonly Params: { readonly key: string };
  readonly Querystring: { readonly epoch: string };
}

interface Pulled {
  readonly Querystring: { readonly left: string; readonly right: string };
}

/**
 * What a replica answers to other nodes. Two rules keep acknowledged writes:
 *
 * - A request that was routed by a ring older than the last change that touches the key is refused (`guard`), for the
 *   asker may not know who else is to be written, or that this node is no replica any more.
 * - The guard comes **after** the store was written or read. From the moment at which this node knows a change of the
 *   ring it acknowledges nothing that an older ring routed, however long that was on its way through here.
 *
 * A range is handed over to whoever asks: murmuring names as sources only nodes that know the change that moves it. So what
 * is scanned holds every write of the older ring that this node ever acknowledges.
 */
export function addReplicaRoutes(app: FastifyInstance, store: ReplicaStore, node: () => MurmuringNode | null): void {
  const running = (): MurmuringNode => {
    const found = node();
    if (found === null) throw new Error('this node does not know its cluster yet');
    return found;
  };
  const guard = (key: string, epoch: string): void => running().guard(key, { epoch: Number(epoch), keyspace });

  app.put<Asked & { Body: VersionedValue }>('/replica/:key', async ({ params: { key }, query, body }, reply) => {
    await store.merge([{ key, version: body }]);
    guard(key, query.epoch);
    return reply.code(204).send();
  });

  app.get<Asked>('/replica/:key', async ({ params: { key }, query }, reply) => {
    const version = await store.get(key);
    guard(key, query.epoch);
    return reply.send(JSON.stringify(version));
  });

  app.get<Pulled>('/range', async ({ query: { left, right } }, reply) => {
    const range = { left: BigInt(left), right: BigInt(right) };
    return reply.type('application/x-ndjson').send(Readable.from(linesOf(store, range)));
  });
}

async function* linesOf(store: ReplicaStore, range: TokenRange): AsyncGenerator<string> {
  for await (const entry of store.scan(range)) yield `${JSON.stringify(entry satisfies Entry)}\n`;
  yield '.';
}
