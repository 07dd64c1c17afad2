import type { FastifyError, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { errorBodyOf } from '../api/error-body.ts';
import { httpStatusOf } from '../api/http-status.ts';
import { RingError } from '../base/error.ts';

/** Answers any error as an `ErrorBody`. A fault of our own is logged with its stack; nothing of it is told outside. */
export function answerError(error: unknown, reply: FastifyReply, logger: Pick<Logger, 'error'>): FastifyReply {
  const told = toldError(error, reply.request.headers['content-type']);
  if (told.code === 'INTERNAL') logger.error({ event: 'httpFault', err: error }, 'a request failed by a fault of ours');
  if (told.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer');
  return reply
    .code(httpStatusOf(told.code))
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBodyOf(told)));
}

/** What a caller is told: RingErrors as they are, refusals of the HTTP layer as errors of the input, all else INTERNAL. */
function toldError(error: unknown, contentType: string | undefined): RingError {
  if (error instanceof RingError) return error;
  const fault = error as Partial<FastifyError> | null;
  const status = fault?.statusCode ?? 500;
  const message = fault?.message ?? String(error);
  if (fault?.validation !== undefined) return invalidInput(fault as FastifyError);
  if (status === 413) {
    return new RingError('TOO_LARGE', message, {
      hint: 'Send less: a document has at most 256 KiB, other bodies 64 KiB.',
    });
  }
  if (fault?.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new RingError('INVALID_ARGUMENT', `got a body of content type ${JSON.stringify(contentType ?? 'none')}`, {
      hint: 'Send a document with the header content-type: text/plain, all else with content-type: application/json.',
    });
  }
  if (status >= 400 && status < 500) {
    return new RingError('INVALID_ARGUMENT', message, { hint: 'See /openapi.json for what each path takes.' });
  }
  return new RingError('INTERNAL', 'the node failed to answer this request', {
    hint: "Look at the node's log, and report what stands there.",
  });
}

function invalidInput({ validation, validationContext, message }: FastifyError): RingError {
  const where = validationContext === 'querystring' ? 'query' : (validationContext ?? 'request');
  const [first] = validation ?? [];
  const unknown = first?.params.additionalProperty;
  if (first?.keyword === 'additionalProperties' && typeof unknown === 'string') {
    return new RingError(
      'INVALID_ARGUMENT',
      `got ${JSON.stringify(unknown)} in the ${where}, expected only what it takes`,
      {
        hint: 'See /openapi.json for what each path takes; percent-encode values in URLs.',
        details: { unknown },
      },
    );
  }
  const allowed = first?.params.allowedValues;
  const values = Array.isArray(allowed) ? `: ${allowed.join(', ')}` : '';
  return new RingError(
    'INVALID_ARGUMENT',
    `the ${where} is not as expected: ${message.replace(/^\w+[/ ]/, '')}${values}`,
    {
      hint: 'See /openapi.json for what each path takes.',
    },
  );
}
