import type { FastifyInstance } from 'fastify';
import { History } from '../api/history.ts';
import { Operations } from '../api/operations.ts';
import { paths } from '../api/paths.ts';
import { Ring } from '../api/ring.ts';
import { RingSnapshot } from '../api/ring-snapshot.ts';
import { Status } from '../api/status.ts';
import { addGet, optionalText, query } from './answering-route.ts';
import { historyView } from './history-view.ts';
import type { NodePort } from './node-port.ts';
import { operationsView } from './operations-view.ts';
import { snapshotView } from './snapshot-view.ts';
import { ringView, statusView } from './status-view.ts';

/** Who is there and who owns what, how it came to be, and what is under way. */
export function addRingRoutes(app: FastifyInstance, port: NodePort): void {
  addGet(app, {
    path: paths.status,
    summary: 'The members, with how each is seen and how much of the ring it owns.',
    query: query({ keyspace: optionalText }),
    answer: Status,
    handle: ({ keyspace }) => statusView(port, keyspace ?? null),
  });
  addGet(app, {
    path: paths.ring,
    summary: 'Every token and its owner, ascending.',
    query: query({ keyspace: optionalText }),
    answer: Ring,
    handle: ({ keyspace }) => ringView(port, keyspace ?? null),
  });
  addGet(app, {
    path: paths.history,
    summary: 'The ring records that this node keeps.',
    query: query({}),
    answer: History,
    handle: () => historyView(port),
  });
  addGet(app, {
    path: paths.snapshot,
    summary: 'All that a client needs to route by itself.',
    query: query({}),
    answer: RingSnapshot,
    handle: () => snapshotView(port),
  });
  addGet(app, {
    path: paths.ops,
    summary: 'The operation that is open.',
    query: query({}),
    answer: Operations,
    handle: () => operationsView(port),
  });
}
