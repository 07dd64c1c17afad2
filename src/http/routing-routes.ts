import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { DescribeRing } from '../api/describe-ring.ts';
import { Endpoints } from '../api/endpoints.ts';
import { Guard } from '../api/guard.ts';
import { paths } from '../api/paths.ts';
import { Route } from '../api/route.ts';
import { RingError } from '../base/error.ts';
import { addGet, optionalText, query } from './answering-route.ts';
import type { NodePort } from './node-port.ts';
import { describeRingView, endpointsView, guardView, keyOfBase64, routeView } from './routing-view.ts';

/** Digits, as every number in a query. */
const epochText = Type.String({ pattern: '^[0-9]{1,15}$' });

/** Where keys belong. */
export function addRoutingRoutes(app: FastifyInstance, port: NodePort): void {
  addGet(app, {
    path: paths.route,
    summary: 'Whom to read and to write for a key, and how many answers a quorum needs.',
    query: query({ key: optionalText, keyBase64: optionalText, keyspace: optionalText }),
    answer: Route,
    handle: ({ key, keyBase64, keyspace }) => routeView(port, keyOf(key, keyBase64), keyspace ?? null),
  });
  addGet(app, {
    path: paths.guard,
    summary: 'Whether a request about a key, routed by the ring of an epoch, may still be answered.',
    query: query({ key: optionalText, keyBase64: optionalText, keyspace: optionalText, epoch: epochText }),
    answer: Guard,
    handle: ({ key, keyBase64, keyspace, epoch }) =>
      guardView(port, keyOf(key, keyBase64), keyspace ?? null, Number(epoch)),
  });
  addGet(app, {
    path: paths.getEndpoints,
    summary: 'The replicas of a key that are read, the primary first.',
    query: query({ keyspace: Type.String(), key: Type.String() }),
    answer: Endpoints,
    handle: ({ keyspace, key }) => endpointsView(port, keyspace, key),
  });
  addGet(app, {
    path: paths.describeRing,
    summary: 'Every range of the ring with the replicas that are read.',
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
