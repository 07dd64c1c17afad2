import { expect, it } from 'vitest';
import { schemaAgreementOf } from '../../src/schema/schema-agreement.ts';

const holder = (name: string) => ({ hostId: name, address: `${name}:7600` });
const answer = (name: string, schemaVersion: string) => ({ ...holder(name), schemaVersion });

it('agrees when all live members hold one version, and names the dead', () => {
  const agreement = schemaAgreementOf(
    { answers: [answer('a', 'v1'), answer('b', 'v1')], silent: [holder('c')] },
    (hostId) => hostId === 'c',
  );
  expect(agreement).toEqual({
    agreed: true,
    version: 'v1',
    versions: [{ version: 'v1', holders: [holder('a'), holder('b')] }],
    silent: [],
    dead: [holder('c')],
  });
});

it('names who differs, most holders first, and never agrees while a live member is silent', () => {
  const differing = schemaAgreementOf({
    answers: [answer('a', 'v1'), answer('b', 'v2'), answer('c', 'v2')],
    silent: [],
  });
  expect(differing.agreed).toBe(false);
  expect(differing.versions.map((group) => group.holders.map((each) => each.hostId))).toEqual([['b', 'c'], ['a']]);
  expect(schemaAgreementOf({ answers: [answer('a', 'v1')], silent: [holder('b')] })).toMatchObject({
    agreed: false,
    version: null,
    silent: [holder('b')],
  });
  expect(schemaAgreementOf({ answers: [], silent: [] }).agreed).toBe(false);
});
