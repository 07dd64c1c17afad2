import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { DescribeRing } from '../api/describe-ring.ts';
import { Endpoints } from '../api/endpoints.ts';
import { paths } from '../api/paths.ts';
import { Route } from '../api/route.ts';
import { RingError } from '../base/error.ts';
import { addGet, optionalText, query } from './answering-route.ts';
import type { NodePort } from './node-port.ts';
import { describeRingView, endpointsView, keyOfBase64, routeView } from './routing-view.ts';

/** Where keys belong. */
export function addRoutingRoutes(app: FastifyInstance, port: NodePort): void {
  addGet(app, {
    path: paths.route,
    summary: 'The replicas of a key, natural and pending.',
    query: query({ key: optionalText, keyBase64: optionalText, keyspace: optionalText }),
    answer: Route,
    handle: ({ key, keyBase64, keyspace }) => routeView(port, keyOf(key, keyBase64), keyspace ?? null),
  });
  addGet(app, {
    path: paths.getEndpoints,
    summary: 'The natural replicas of a key, the primary first.',
    query: query({ keyspace: Type.String(), key: Type.String() }),
    answer: Endpoints,
    handle: ({ keyspace, key }) => endpointsView(port, keyspace, key),
  });
  addGet(app, {
    path: paths.describeRing,
    summary: 'Every range of the ring with its natural replicas.',
    query: query({ keyspace: Type.String() }),
    answer: DescribeRing,
    handle: ({ keyspace }) => describeRingView(port, keyspace),
  });
}

function keyOf(key: string | undefined, keyBase64: string | undefined): string | Uint8Array {
  if (key !== undefined && keyBase64 === undefined) return key;
  if (key === undefined && keyBase64 !== undefined) return keyOfBase64(keyBase64);
  const got = key === undefined ? 'neither key nor keyBase64' : 'both key and keyBase64';
  throw new RingError('INVALID_ARGUMENT', `got ${got}, expected one of them`, {
    hint: 'Give key for text, or keyBase64 for bytes.',
  });
}
