import { describe, expect, it } from 'vitest';
import { isUuid } from '../../src/base/id.ts';
import type { SchemaDefinition } from '../../src/schema/schema-definition.ts';
import {
  digestOfDefinition,
  emptySchemaVersion,
  isComparableVersion,
  schemaVersionOf,
} from '../../src/schema/schema-version.ts';

const keyspace = (replication: Record<string, string>): SchemaDefinition => ({
  type: 'keyspace',
  name: 'app',
  stamp: { timeMs: 1, hostId: '00000000-0000-4000-8000-00000000000a' },
  replication,
  document: null,
});

describe('the schema version', () => {
  it('is pinned: a node of another release must come to the same text', () => {
    expect(emptySchemaVersion).toBe('118a8afb-dfe8-801c-b621-b522673ef98e');
    expect(schemaVersionOf([digestOfDefinition(keyspace({ class: 'SimpleStrategy', replication_factor: '3' }))])).toBe(
      '5aafe921-6a85-8013-97e2-9e41d2278a44',
    );
  });

  it('does not depend on the order of options or definitions', () => {
    expect(digestOfDefinition(keyspace({ a: '1', b: '2' }))).toBe(digestOfDefinition(keyspace({ b: '2', a: '1' })));
    expect(schemaVersionOf(['aa', 'bb'])).toBe(schemaVersionOf(['bb', 'aa']));
  });

  it('tells its own format from others and from what is no version', () => {
    expect(isUuid(emptySchemaVersion)).toBe(true);
    expect(isComparableVersion(emptySchemaVersion)).toBe(true);
    expect(isComparableVersion(`${emptySchemaVersion.slice(0, 15)}02${emptySchemaVersion.slice(17)}`)).toBe(false);
    for (const other of ['59adb24e-f3cd-3e02-97f0-5b395827453f', 'nonsense', '', null]) {
      expect(isComparableVersion(other)).toBe(false);
    }
  });
});
