import murmurHash3 from 'murmurhash3js-revisited';
import { isUuid } from '../base/id.ts';
import type { SchemaDefinition } from './schema-definition.ts';

/**
 * The content version of a schema: equal knowledge, equal version, whatever the history. Tombstones and stamps count:
 * two nodes that list the same definitions but would settle a later conflict differently do not know the same, and must
 * pull from one another until they do. (Cassandra hashes live rows alone; it has its cells' timestamps elsewhere.)
 *
 * Format 1 of the canonical serialization:
 * - a definition is the JSON text, in UTF-8, of [type, name, stamp.timeMs, stamp.hostId, replication, document], where
 *   replication is null or an array of [option, value] in ascending order of option;
 * - its digest is MurmurHash3_x64_128 of that;
 * - the schema is the text `murmuring schema 1` and all digests in ascending order, in UTF-8, one a line;
 * - the version is MurmurHash3_x64_128 of that as a UUID of version 8, in whose third group the format stands.
 *
 * The format is part of the version, so a version that was made by another one is known at sight: the two are
 * incomparable, and pulling would never end (CASSANDRA-13441, 13559, 14928).
 */
export const schemaFormat = 1;

/** The digest of one definition, 32 hex characters. Costs some 50 ns a byte: keep it with the definition. */
export function digestOfDefinition({ type, name, stamp, replication, document }: SchemaDefinition): string {
  const options =
    replication === null
      ? null
      : Object.entries(replication).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return hash(JSON.stringify([type, name, stamp.timeMs, stamp.hostId, options, document]));
}

/** The version of the schema whose definitions, tombstones included, have these digests; their order is of no matter. */
export function schemaVersionOf(digests: readonly string[]): string {
  const hex = hash([`murmuring schema ${schemaFormat}`, ...[...digests].sort()].join('\n'));
  const format = schemaFormat.toString(16).padStart(2, '0');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${format}${hex[15]}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** The version of a schema without any definition. */
export const emptySchemaVersion: string = schemaVersionOf([]);

/** True for a version of this format: only such versions can be compared with our own, or pulled. Never throws. */
export function isComparableVersion(version: unknown): version is string {
  return isUuid(version) && version[14] === '8' && Number.parseInt(version.slice(15, 17), 16) === schemaFormat;
}

function hash(text: string): string {
  return murmurHash3.x64.hash128(new TextEncoder().encode(text));
}
