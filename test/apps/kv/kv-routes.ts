import type { FastifyInstance } from 'fastify';
import type { Coordinator } from './coordinator.ts';

interface Keyed {
  readonly Params: { readonly key: string };
}

/**
 * What clients use, at any node: `PUT /kv/KEY` with `{ value, timestampUs? }`, answered 204 once a quorum has it, and
 * `GET /kv/KEY`, answered with the newest version that a quorum has. No quorum is 503; then a write may have been taken or
 * not. A client that gives its own timestamps decides which of its writes is the last.
 */
export function addKvRoutes(app: FastifyInstance, coordinator: () => Coordinator | null): void {
  const ready = (): Coordinator => {
    const found = coordinator();
    if (found === null) throw Object.assign(new Error('this node does not know its cluster yet'), { statusCode: 503 });
    return found;
  };

  app.put<Keyed & { Body: { readonly value: string; readonly timestampUs?: number } }>(
    '/kv/:key',
    async ({ params, body }, reply) => {
      await ready().write(params.key, body.value, body.timestampUs);
      return reply.code(204).send();
    },
  );

  app.get<Keyed>('/kv/:key', async ({ params }, reply) => {
    const version = await ready().read(params.key);
    return version === null ? reply.code(404).send() : reply.send(version);
  });
}
