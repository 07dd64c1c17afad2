import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import Type from 'typebox';
import { paths } from '../api/paths.ts';
import { query } from './answering-route.ts';
import type { EventHub } from './event-hub.ts';
import { metricsView } from './metrics-view.ts';
import type { NodePort } from './node-port.ts';

/** `GET /metrics`, for Prometheus. */
export function addMetricsRoutes(app: FastifyInstance, port: NodePort, hub: Pick<EventHub, 'listeners'>): void {
  app.get(
    paths.metrics,
    {
      schema: {
        summary: 'What to alert on, in the text format of Prometheus.',
        querystring: query({}),
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => {
      const { rss, heapUsed } = process.memoryUsage();
      const measured = { residentBytes: rss, heapUsedBytes: heapUsed, listeners: hub.listeners, wallMs: Date.now() };
      return reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await metricsView(port, measured));
    },
  );
}
