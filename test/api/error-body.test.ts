import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { ErrorBody, errorBodyOf } from '../../src/api/error-body.ts';
import { errorOfAnswer } from '../../src/api/error-of-answer.ts';
import { httpStatusOf } from '../../src/api/http-status.ts';
import { RingError, ringErrorCodes } from '../../src/base/error.ts';

describe('errors over HTTP', () => {
  it.each(ringErrorCodes)('%s has an error status, and comes back as it was told', (code) => {
    const told = new RingError(code, 'got x, expected y', {
      hint: 'Do z.',
      details: { list: ['a'], none: null, n: 1 },
    });
    expect(httpStatusOf(code)).toBeGreaterThanOrEqual(400);
    expect(Check(ErrorBody, errorBodyOf(told))).toBe(true);
    const heard = errorOfAnswer('http://node', httpStatusOf(code), JSON.stringify(errorBodyOf(told)));
    expect({ ...heard, message: heard.message }).toEqual({ ...told, message: told.message });
  });

  it.each(['', 'null', '[]', '{"error":{"code":"NO_SUCH"}}', '<html>'])(
    'turns the foreign answer %j into UNAVAILABLE',
    (text) => {
      expect(errorOfAnswer('http://node', 502, text)).toMatchObject({ code: 'UNAVAILABLE' });
      expect(errorOfAnswer('http://node', 401, text)).toMatchObject({ code: 'UNAUTHORIZED' });
    },
  );
});
