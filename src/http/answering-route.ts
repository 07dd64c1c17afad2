import type { FastifyInstance } from 'fastify';
import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import { ErrorBody } from '../api/error-body.ts';
import { closed } from '../api/shape.ts';

/** A route that reads: what it takes as query, what it answers, and how. */
export interface AnsweringRoute<Query extends TObject, Answer extends TSchema> {
  readonly path: string;
  /** One sentence for OpenAPI. */
  readonly summary: string;
  readonly query: Query;
  readonly answer: Answer;
  /** `isGone`: whether nobody waits for the answer any more. */
  handle(query: Static<Query>, isGone: () => boolean): Static<Answer> | Promise<Static<Answer>>;
}

/** Adds a GET route whose answer is typed by its schema. */
export function addGet<Query extends TObject, Answer extends TSchema>(
  app: FastifyInstance,
  { path, summary, query, answer, handle }: AnsweringRoute<Query, Answer>,
): void {
  app.get(path, { schema: { summary, querystring: query, response: answers(answer) } }, (request, reply) =>
    handle(request.query as Static<Query>, () => reply.raw.destroyed),
  );
}

/** The answers of a route for OpenAPI: this one, or an error. */
export function answers(answer: TSchema): Record<string, TSchema> {
  return { 200: answer, '4xx': ErrorBody, '5xx': ErrorBody };
}

/** A query of exactly these parameters. */
export function query<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return closed(properties);
}

/** A query parameter that may be left out. Those of ringctl's `--keyspace` most of all. */
export const optionalText = Type.Optional(Type.String());

/** Digits: the parameters of a query are text, and nothing is coerced. */
export const optionalTimeoutMs = Type.Optional(Type.String({ pattern: '^[0-9]{1,7}$' }));

/** The time-out that was given, at most `maxMs`, else the default. */
export function timeoutMsOf(text: string | undefined, defaultMs: number, maxMs: number): number {
  return text === undefined ? defaultMs : Math.min(maxMs, Number(text));
}
