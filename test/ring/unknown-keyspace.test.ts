import { expect, it } from 'vitest';
import { unknownKeyspaceText } from '../../src/ring/unknown-keyspace.ts';

it('of thousands of keyspaces a sentence names a few, in order, and says how many more there are', () => {
  const known = new Map(
    Array.from({ length: 4_000 }, (_, at) => [`k${String(at).padStart(4, '0')}`, {}]).reverse() as [string, object][],
  );
  const text = unknownKeyspaceText('nope', known);
  expect(text).toMatch(/^got keyspace "nope", expected one of: k0000, k0001, .*k0019 and 3980 more$/);
  expect(text.length).toBeLessThan(300);
  expect(unknownKeyspaceText(null, new Map([['a', {}]]))).toBe('got keyspace null, expected one of: a');
  expect(unknownKeyspaceText('a', new Map())).toBe('got keyspace "a", expected one of: (none)');
});
