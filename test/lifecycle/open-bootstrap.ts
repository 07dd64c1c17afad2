import type { OpenOperation } from '../../src/epoch/ring-snapshot.ts';

/** A bootstrap of one joiner, `c`, open at `begin` since epoch 4. */
export const openBootstrap: OpenOperation = {
  operationId: 'op',
  kind: 'bootstrap',
  step: 'begin',
  subjects: [{ hostId: 'c', tokens: [5n] }],
  replaces: null,
  strict: true,
  alter: null,
  beginEpoch: 4,
  stepEpoch: 4,
  beganAtMs: 0,
};
