import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { paths } from '../api/paths.ts';
import { PutKeyspace, Schema, SchemaChange } from '../api/schema.ts';
import { SchemaAgreement } from '../api/schema-agreement.ts';
import { RingError } from '../base/error.ts';
import { addGet, answers, optionalTimeoutMs, query, timeoutMsOf } from './answering-route.ts';
import { knownRing } from './known-ring.ts';
import type { NodePort } from './node-port.ts';
import { agreementView, schemaView } from './schema-view.ts';

/** A document of the greatest size that the schema takes, and some air: what is a little too large, the schema refuses. */
const maxDocumentBytes = 300 * 1024;

const agreementTimeoutMs = 10_000;
const maxAgreementTimeoutMs = 600_000;
/** One question to all members lasts at most this; then all are asked anew. */
const askMs = 1_000;
const firstPauseMs = 50;
const lastPauseMs = 1_000;

interface Named {
  Params: { name: string };
}

/** The schema: read it, change it, and wait for all to have it. */
export function addSchemaRoutes(app: FastifyInstance, port: NodePort): void {
  const changed = (): SchemaChange => ({ schemaVersion: port.schema().version });
  const schemaOf = (summary: string): object => ({ summary, querystring: query({}), response: answers(SchemaChange) });
  addGet(app, {
    path: paths.schema,
    summary: 'All definitions.',
    query: query({}),
    answer: Schema,
    handle: () => schemaView(port),
  });
  addGet(app, {
    path: paths.schemaAgreement,
    summary: 'Waits until all live members have the schema of this node, or names who differs.',
    query: query({ timeoutMs: optionalTimeoutMs }),
    answer: SchemaAgreement,
    handle: ({ timeoutMs }, isGone) =>
      awaitAgreement(port, timeoutMsOf(timeoutMs, agreementTimeoutMs, maxAgreementTimeoutMs), isGone),
  });
  app.put<Named & { Body: PutKeyspace }>(
    paths.schemaKeyspace,
    { schema: { ...schemaOf('Makes a keyspace.'), body: PutKeyspace } },
    async ({ params, body }) => {
      await port.putKeyspace(params.name, body.replication);
      return changed();
    },
  );
  app.delete<Named>(paths.schemaKeyspace, { schema: schemaOf('Drops a keyspace.') }, async ({ params }) => {
    await port.dropDefinition('keyspace', params.name);
    return changed();
  });
  app.delete<Named>(paths.schemaDocument, { schema: schemaOf('Drops a document.') }, async ({ params }) => {
    await port.dropDefinition('document', params.name);
    return changed();
  });
  app.register(async (documents) => {
    documents.removeAllContentTypeParsers();
    documents.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    documents.put<Named & { Body: Buffer }>(
      paths.schemaDocument,
      { bodyLimit: maxDocumentBytes, schema: { ...schemaOf('Puts a document.'), consumes: ['text/plain'] } },
      async ({ params, body }) => {
        await port.putDocument(params.name, documentText(body));
        return changed();
      },
    );
  });
}

/** Asks again and again until all live members agree, the time is over, or nobody waits any more. */
async function awaitAgreement(port: NodePort, timeoutMs: number, isGone: () => boolean): Promise<SchemaAgreement> {
  const deadlineMs = performance.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
    knownRing(port);
    const survey = await port.survey(Math.max(1, Math.min(askMs, deadlineMs - performance.now())));
    const agreement = agreementView(port, survey);
    if (agreement.agreed || isGone() || performance.now() + pauseMs >= deadlineMs) return agreement;
    await pause(pauseMs);
  }
}

/** The document that a body is. A request without content type and body has none at all. */
function documentText(body: Buffer | undefined): string {
  try {
    if (body !== undefined) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new RingError('INVALID_ARGUMENT', 'got bytes that are no UTF-8 as a document, expected text', {
      hint: 'Encode binary content, as base64 for example.',
    });
  }
  throw new RingError('INVALID_ARGUMENT', 'got no document, expected one as body', {
    hint: 'Send the document as text/plain.',
  });
}
