import Type, { type Static } from 'typebox';
import { type RingError, type RingErrorCode, ringErrorCodes } from '../base/error.ts';
import { closed, nullable } from './shape.ts';

/** What every refused or failed request answers. */
export const ErrorBody = closed({
  error: closed({
    code: Type.Enum(ringErrorCodes),
    message: Type.String(),
    /** What to do about it. */
    hint: nullable(Type.String()),
    /** Whether the same request can succeed later without anybody changing anything. */
    retryable: Type.Boolean(),
    /** Typed facts for programs. */
    details: Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null(), Type.Array(Type.String())]),
    ),
  }),
});
export type ErrorBody = Static<typeof ErrorBody>;

/** The body that tells an error. */
export function errorBodyOf(error: RingError): ErrorBody {
  const { message, hint, retryable, details } = error;
  const code: RingErrorCode = error.code;
  return {
    error: {
      code,
      message,
      hint,
      retryable,
      details: Object.fromEntries(
        Object.entries(details).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
      ) as ErrorBody['error']['details'],
    },
  };
}
