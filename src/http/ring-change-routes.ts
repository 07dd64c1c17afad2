import type { FastifyInstance } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import { OperationStanding, Operations } from '../api/operations.ts';
import { paths } from '../api/paths.ts';
import {
  Adopt,
  Adopted,
  Alter,
  Decommission,
  Move,
  NamedHost,
  NoArguments,
  NodeTold,
  OperationBegun,
  PlanRestart,
  RecordDecided,
  RemoveNode,
} from '../api/ring-change.ts';
import { parseToken } from '../token/token.ts';
import { answers, query } from './answering-route.ts';
import { knownRing } from './known-ring.ts';
import type { NodePort } from './node-port.ts';
import { operationStanding, operationsView } from './operations-view.ts';
import type { RequestedOperation } from './operator-port.ts';

/** Every change of the ring. Operations are answered once they have begun: how they go on is under `/v1/ops`. */
export function addRingChangeRoutes(app: FastifyInstance, port: NodePort): void {
  const { operator } = port;
  const begin = async (request: RequestedOperation, force = false): Promise<OperationBegun> => {
    const { operationId, epoch } = await operator.begin(request, force);
    return { operationId, epoch, ringFingerprint: knownRing(port).ring.ringFingerprint };
  };
  const told = (): NodeTold => ({ hostId: port.self().hostId });

  addPost(app, paths.decommission, 'Has a node hand its ranges over and leave.', Decommission, OperationBegun, (body) =>
    begin({ operation: 'decommission', hostId: body.hostId ?? told().hostId }, body.force),
  );
  addPost(
    app,
    paths.move,
    'Gives a node with one token another one.',
    Move,
    OperationBegun,
    ({ token, hostId, force }) =>
      begin({ operation: 'move', hostId: hostId ?? told().hostId, tokens: [parseToken(token)] }, force),
  );
  addPost(app, paths.removeNode, 'Removes a dead node.', RemoveNode, OperationBegun, ({ hostId }) =>
    begin({ operation: 'removenode', hostId }),
  );
  addPost(app, paths.alter, 'Changes the replication of a keyspace.', Alter, OperationBegun, (body) =>
    begin({ operation: 'alterReplication', keyspace: body.keyspace, replication: body.replication }, body.force),
  );
  addPost(app, paths.assassinate, 'Removes a node without moving its data.', NamedHost, RecordDecided, (body) =>
    operator.assassinate(body.hostId, body.force === true),
  );
  addPost(app, paths.readmit, 'Lets a removed host id join again.', NamedHost, RecordDecided, (body) =>
    operator.readmit(body.hostId, body.force === true),
  );
  addPost(app, paths.adopt, 'Ends a fork: takes the other history.', Adopt, Adopted, async ({ lineage }) => ({
    epoch: await operator.adopt(lineage),
    lineage,
  }));
  addPost(app, paths.join, 'Has an observer join.', NoArguments, NodeTold, async () => {
    await operator.join();
    return told();
  });
  addPost(app, paths.drain, 'Has this node serve no more.', NoArguments, NodeTold, async () => {
    await operator.drain();
    return told();
  });
  addPost(app, paths.planRestart, 'Announces a restart of this node.', PlanRestart, NodeTold, async ({ leaseMs }) => {
    await operator.planRestart(leaseMs);
    return told();
  });

  app.get<{ Params: { id: string } }>(
    paths.operation,
    {
      schema: {
        summary: 'Whether an operation is open, or how it was closed.',
        querystring: query({}),
        response: answers(OperationStanding),
      },
    },
    ({ params }) => operationStanding(port, params.id),
  );
  const ofOperation = (summary: string): object => ({
    schema: { summary, querystring: query({}), response: answers(Operations) },
  });
  app.post<{ Params: { id: string } }>(
    paths.abortOperation,
    ofOperation('Aborts an operation, before its first switch.'),
    async ({ params }) => {
      await operator.abort(params.id);
      return operationsView(port);
    },
  );
  app.post<{ Params: { id: string } }>(
    paths.resumeOperation,
    ofOperation('Has every participant of an operation try again what failed.'),
    async ({ params }) => {
      await operator.resume(params.id);
      return operationsView(port);
    },
  );
}

/** Adds a POST route that takes a JSON body and whose answer is typed by its schema. */
function addPost<Body extends TObject, Answer extends TSchema>(
  app: FastifyInstance,
  path: string,
  summary: string,
  body: Body,
  answer: Answer,
  handle: (body: Static<Body>) => Promise<Static<Answer>>,
): void {
  app.post(path, { schema: { summary, querystring: query({}), body, response: answers(answer) } }, (request) =>
    handle(request.body as Static<Body>),
  );
}
