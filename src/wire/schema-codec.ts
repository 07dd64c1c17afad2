import type { SchemaDefinition, SchemaDefinitionType } from '../schema/schema-definition.ts';
import type { SchemaMessage } from '../schema/schema-message.ts';
import type { CodecTable } from './codec-table.ts';
import { uuidToBytes } from './compact-fields.ts';
import type { FieldReader } from './field-reader.ts';
import { decodeReplication, encodeReplication } from './replication-codec.ts';
import { wireLimits } from './wire-limits.ts';

const definitionTypes: readonly SchemaDefinitionType[] = ['keyspace', 'document'];

/** Pulls of the schema, and its definitions. */
export const schemaCodecs: CodecTable<SchemaMessage> = {
  schemaPull: {
    tag: 48,
    encode: ({ version }) => [uuidToBytes(version)],
    decode: (fields) => ({ kind: 'schemaPull', version: fields.uuid('version') }),
  },
  schemaPush: {
    tag: 49,
    encode: ({ format, version, definitions }) => [format, uuidToBytes(version), definitions.map(encodeDefinition)],
    decode: (fields) => ({
      kind: 'schemaPush',
      format: fields.integer('format'),
      version: fields.uuid('version'),
      definitions: fields.list('definitions', wireLimits.definitions, decodeDefinition),
    }),
  },
  schemaVersion: {
    tag: 50,
    encode: ({ version, answer }) => [uuidToBytes(version), answer ? 1 : 0],
    decode: (fields) => ({
      kind: 'schemaVersion',
      version: fields.uuid('version'),
      answer: fields.integer('answer', 0, 1) === 1,
    }),
  },
};

/** A definition as fields. */
export function encodeDefinition({ type, name, stamp, replication, document }: SchemaDefinition): unknown[] {
  return [
    definitionTypes.indexOf(type),
    name,
    stamp.timeMs,
    uuidToBytes(stamp.hostId),
    replication === null ? null : encodeReplication(replication),
    document,
  ];
}

/** The same again; content that its type does not have is refused. */
export function decodeDefinition(fields: FieldReader): SchemaDefinition {
  const type = fields.oneOf('type', definitionTypes);
  const definition: SchemaDefinition = {
    type,
    name: fields.text('name', wireLimits.definitionNameBytes),
    stamp: { timeMs: fields.integer('timeMs'), hostId: fields.uuid('hostId') },
    replication: fields.nullable(() => decodeReplication(fields)),
    document: fields.nullable(() => fields.text('document', wireLimits.documentBytes)),
  };
  const other = type === 'keyspace' ? definition.document : definition.replication;
  if (other !== null) fields.refuse('definition', `only what a ${type} has`);
  return definition;
}
