import { describe, expect, it } from 'vitest';
import { futureOwners, type RingOperation } from '../../src/ring/future-owners.ts';
import { hostIds, member } from './rings.ts';

const members = [member('a', [1n]), member('b', [2n]), member('c', [3n]), member('d', [4n])];
const operation = (kind: RingOperation['kind'], subjects: string[], changes: Partial<RingOperation> = {}) => ({
  kind,
  subjects: subjects.map((hostId) => ({ hostId, tokens: [9n] })),
  replaces: null,
  alter: null,
  ...changes,
});

describe('futureOwners', () => {
  it.each([
    ['bootstrap', ['c', 'd'], null, ['a', 'b', 'c', 'd']],
    ['decommission', ['b'], null, ['a', 'c', 'd']],
    ['removenode', ['b', 'c'], null, ['a', 'd']],
    ['replace', ['d'], 'b', ['a', 'c', 'd']],
    ['alterReplication', [], null, ['a', 'b', 'c', 'd']],
  ] as const)(
    'after a %s of %j in place of %j they are %j, with the tokens they have',
    (kind, subjects, replaces, owners) => {
      const future = futureOwners(members, operation(kind, [...subjects], { replaces }));
      expect(hostIds(future)).toEqual(owners);
      for (const owner of future) expect(members).toContain(owner);
    },
  );

  it('after a move everybody is there, the mover at its new tokens', () => {
    const future = futureOwners(members, operation('move', ['b']));
    expect(future.map(({ tokens }) => tokens)).toEqual([[1n], [9n], [3n], [4n]]);
    expect(members[1]!.tokens).toEqual([2n]);
  });
});
