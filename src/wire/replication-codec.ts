import type { FieldReader } from './field-reader.ts';
import { wireLimits } from './wire-limits.ts';

/** Names that mean something to every object: never a key of options that came from outside. */
const refusedNames: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Replication options as one flat array of names and values: maps are not in use on the wire. */
export function encodeReplication(replication: Readonly<Record<string, string>>): unknown[] {
  return Object.entries(replication).flat();
}

/** The options again, in the order in which they came. A name twice, or one that objects have by nature, is refused. */
export function decodeReplication(fields: FieldReader): Record<string, string> {
  return fields.nested('replication', (flat) => {
    if (flat.remaining > wireLimits.replicationOptions * 2) flat.refuse('length', 'fewer options');
    const options = new Map<string, string>();
    while (flat.remaining > 0) {
      const name = flat.text('option', wireLimits.replicationOptionBytes);
      if (refusedNames.includes(name) || options.has(name)) flat.refuse('option', 'another name');
      options.set(name, flat.text(name, wireLimits.replicationOptionBytes));
    }
    return Object.fromEntries(options);
  });
}
