import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { paths } from '../api/paths.ts';
import { Plan, PlanKind } from '../api/plan.ts';
import { replicationOfText } from '../api/replication-text.ts';
import { TokenText, Uuid } from '../api/ring-terms.ts';
import type { PutKeyspace } from '../api/schema.ts';
import { RingError } from '../base/error.ts';
import { addGet, optionalText, query } from './answering-route.ts';
import type { NodePort } from './node-port.ts';
import { planView } from './plan-view.ts';

const defaultTokens = 16;
const maxTokens = 256;
/** As a node's own `datacenter` and `rack`: an empty one is a variable of a script that nobody set. */
const optionalPlace = Type.Optional(Type.String({ minLength: 1, maxLength: 48 }));

/** What would be, without changing anything. */
export function addPlanRoutes(app: FastifyInstance, port: NodePort): void {
  addGet(app, {
    path: paths.plan,
    summary: 'What an operation would move, from whom to whom, and whether it can be done now. Changes nothing.',
    query: query({
      operation: PlanKind,
      hostId: Type.Optional(Uuid),
      token: Type.Optional(TokenText),
      keyspace: optionalText,
      /** A JSON object, as text. */
      replication: optionalText,
      tokens: Type.Optional(Type.String({ pattern: '^[0-9]{1,3}$' })),
      datacenter: optionalPlace,
      rack: optionalPlace,
    }),
    answer: Plan,
    handle: ({ operation, hostId, token, keyspace, replication, tokens, datacenter, rack }) =>
      planView(port, {
        operation,
        hostId: hostId ?? null,
        token: token ?? null,
        keyspace: keyspace ?? null,
        replication: replication === undefined ? null : replicationIn(replication),
        tokens: tokens === undefined ? defaultTokens : tokenCount(tokens),
        datacenter: datacenter ?? null,
        rack: rack ?? null,
      }),
  });
}

function replicationIn(text: string): PutKeyspace['replication'] {
  const replication = replicationOfText(text);
  if (replication !== null) return replication;
  throw new RingError('INVALID_ARGUMENT', `got ${JSON.stringify(text)} as replication, expected a JSON object`, {
    hint: `Give one such as {"class":"SimpleStrategy","replication_factor":3}, percent-encoded.`,
  });
}

function tokenCount(text: string): number {
  const count = Number(text);
  if (count >= 1 && count <= maxTokens) return count;
  throw new RingError('INVALID_ARGUMENT', `got ${text} tokens, expected 1 to ${maxTokens}`);
}
