import swagger from '@fastify/swagger';
import { type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import { paths } from '../api/paths.ts';
import { RingError } from '../base/error.ts';
import { type AccessPolicy, refusalOf } from './access.ts';
import { answerError } from './error-answer.ts';
import type { EventHub } from './event-hub.ts';
import { addEventRoutes } from './event-routes.ts';
import { addGossipRoutes } from './gossip-routes.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addMetricsRoutes } from './metrics-routes.ts';
import type { NodePort } from './node-port.ts';
import { addPlanRoutes } from './plan-routes.ts';
import { parseQueryText } from './query-text.ts';
import { addRingChangeRoutes } from './ring-change-routes.ts';
import { addRingRoutes } from './ring-routes.ts';
import { addRoutingRoutes } from './routing-routes.ts';
import { addSchemaRoutes } from './schema-routes.ts';

const maxBodyBytes = 64 * 1024;

export interface HttpAppOptions {
  readonly port: NodePort;
  readonly hub: EventHub;
  readonly policy: AccessPolicy;
  readonly logger: Pick<Logger, 'error'>;
}

/** Every route of the API on one fastify instance that does not listen yet. */
export async function createHttpApp({ port, hub, policy, logger }: HttpAppOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: maxBodyBytes,
    // Whole requests are small: who is slower than this holds a connection hostage.
    requestTimeout: 30_000,
    keepAliveTimeout: 10_000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { querystringParser: parseQueryText, maxParamLength: 1_024 },
    // Input is taken as it is or refused: nothing is coerced, filled in or left out in silence.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    frameworkErrors: (error, _request, reply) => void answerError(error, reply, logger),
  });
  // What the views make is what is sent; that it is as the schemas say is the views' types' and the tests' matter.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, logger));
  app.setNotFoundHandler((request, reply) => {
    const got = `${request.method} ${request.url.split('?', 1)[0]}`;
    answerError(
      new RingError('NOT_FOUND', `got ${got}, which this API has not`, { hint: 'See /openapi.json.' }),
      reply,
      logger,
    );
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    const path = request.routeOptions.url;
    if (path === paths.healthz || path === paths.readyz) return;
    const refusal = refusalOf(policy, request.headers);
    if (refusal !== null) throw refusal;
  });
  await app.register(swagger, { openapi: openApiOf(port) });
  app.register(async (routes) => {
    addHealthRoutes(routes, port, policy);
    addRingRoutes(routes, port);
    addRingChangeRoutes(routes, port);
    addPlanRoutes(routes, port);
    addRoutingRoutes(routes, port);
    addGossipRoutes(routes, port);
    addSchemaRoutes(routes, port);
    addEventRoutes(routes, hub);
    addMetricsRoutes(routes, port, hub);
    routes.get(paths.openApi, { schema: { hide: true } }, () => app.swagger());
  });
  return app;
}

function openApiOf(port: NodePort) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'murmuring',
      description: 'A node of a token ring. `GET /v1/X` answers what `ringctl X --json` prints.',
      version: port.releaseVersion,
    },
    components: { securitySchemes: { bearer: { type: 'http' as const, scheme: 'bearer' } } },
    security: [{ bearer: [] }],
  };
}
