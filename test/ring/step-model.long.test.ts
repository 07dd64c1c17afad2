import { expect, it } from 'vitest';
import { allRules, missedWrite } from './step-model.ts';

it('in every interleaving of one write and one read with two of three replicas changing at once, the read finds the acknowledged write', {
  timeout: 600_000,
}, () => {
  expect(missedWrite('abc', 'ade', allRules)).toBeNull();
});
