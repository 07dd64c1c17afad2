import type { Schema } from '../api/schema.ts';
import type { SchemaView } from './node-port.ts';

/** The keyspaces of a schema, ascending by name, without those that were dropped. */
export function keyspacesOf(schema: SchemaView): Schema['keyspaces'] {
  return schema.definitions
    .flatMap(({ type, name, replication, stamp: { timeMs, hostId } }) =>
      type === 'keyspace' && replication !== null
        ? [{ name, replication: { ...replication }, stamp: { timeMs, hostId } }]
        : [],
    )
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
