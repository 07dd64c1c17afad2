import type { FastifyInstance } from 'fastify';
import { paths } from '../api/paths.ts';
import { Health, Ready } from '../api/ready.ts';
import { type AccessPolicy, refusalOf } from './access.ts';
import { query } from './answering-route.ts';
import type { NodePort } from './node-port.ts';

/**
 * For probes of orchestrators, which bear no token: about this node alone, so that one sick node restarts no other. Some of
 * them (`wget --spider`, balancers) ask by HEAD.
 */
export function addHealthRoutes(app: FastifyInstance, port: NodePort, policy: AccessPolicy): void {
  app.get(
    paths.healthz,
    {
      exposeHeadRoute: true,
      schema: { summary: 'Whether the process answers.', querystring: query({}), response: { 200: Health } },
    },
    () => ({ alive: true }) satisfies Health,
  );
  app.get(
    paths.readyz,
    {
      exposeHeadRoute: true,
      schema: {
        summary: 'Whether this node is NORMAL, or an observer that knows the ring.',
        querystring: query({}),
        response: { 200: Ready, 503: Ready },
      },
    },
    (request, reply) => {
      const { ready, waitingFor } = port.ready();
      const admitted = refusalOf(policy, request.headers) === null;
      const answer: Ready = { ready, waitingFor: admitted ? [...waitingFor] : [] };
      return reply.code(ready ? 200 : 503).send(answer);
    },
  );
}
