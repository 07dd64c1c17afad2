import { Check, Clean } from 'typebox/value';
import { RingError } from '../base/error.ts';
import { ErrorBody } from './error-body.ts';

/**
 * The error that an answer with an error status tells: what the node said, else what its status alone allows to say. Never
 * throws, whatever was answered. `origin` is who answered, as a URL, and `text` the body.
 */
export function errorOfAnswer(origin: string, status: number, text: string): RingError {
  const body = readErrorBody(text);
  if (body !== null) {
    const { code, message, hint, details } = body.error;
    return new RingError(code, message, hint === null ? { details } : { hint, details });
  }
  if (status === 401 || status === 403) {
    return new RingError('UNAUTHORIZED', `${origin} answered ${status}`, {
      hint: 'Give the bearer token of the cluster.',
    });
  }
  return new RingError('UNAVAILABLE', `${origin} answered ${status} and no error that a murmuring node sends`, {
    hint: 'Check that this is the HTTP address of a murmuring node.',
  });
}

function readErrorBody(text: string): ErrorBody | null {
  try {
    const body = Clean(ErrorBody, JSON.parse(text));
    return Check(ErrorBody, body) ? body : null;
  } catch {
    return null;
  }
}
