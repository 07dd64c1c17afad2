import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { Outcome } from '../../src/runtime/outcome.ts';

it('leaves no listener on the signal of the application, whether the start succeeded or failed', async () => {
  const { signal } = new AbortController();
  const [ready, failed] = [new Outcome(signal), new Outcome(signal)];
  expect(getEventListeners(signal, 'abort')).toHaveLength(2);
  ready.ready();
  failed.end(new RingError('REFUSED', 'no'));
  await failed.ended;
  await new Promise(setImmediate);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
