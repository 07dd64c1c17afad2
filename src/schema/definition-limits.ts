import type { SchemaDefinition } from './schema-definition.ts';

/** What a schema may hold. Checked for an edit and again for what others send, so that no member can outgrow the rest. */
export const schemaLimits = {
  /** As long as Cassandra allows for a keyspace. */
  nameChars: 48,
  documentBytes: 256 * 1_024,
  /** Definitions of one schema, tombstones included: a push carries them all. Merging never refuses by it, since then the order of merging would matter. */
  definitions: 4_096,
  /** All of a schema's text together, in UTF-16 code units: it goes to a peer in one message of at most 4 MiB. */
  totalChars: 1_024 * 1_024,
  replicationOptions: 256,
  replicationOptionBytes: 256,
} as const;

const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Why a definition may not stand in a schema, and the code of the error for whoever wrote it. */
export interface DefinitionRefusal {
  readonly code: 'INVALID_ARGUMENT' | 'TOO_LARGE';
  /** What was got and what was expected. */
  readonly reason: string;
}

/** The first rule that a definition, live or a tombstone, breaks; null if it breaks none. Never throws. */
export function refusalOfDefinition(definition: SchemaDefinition): DefinitionRefusal | null {
  const { type, name, replication, document } = definition;
  // An application without types hands over what it likes, and a peer's definition was another's input once.
  if (typeof name !== 'string') return invalid(`got a ${type} name of type ${typeof name}, expected text`);
  if (document !== null && typeof document !== 'string') {
    return invalid(`got ${type} ${name} with a content of type ${typeof document}, expected text`);
  }
  if (replication !== null && typeof replication !== 'object') {
    return invalid(`got keyspace ${name} with a replication of type ${typeof replication}, expected a map`);
  }
  if (name.length > schemaLimits.nameChars) {
    return tooLarge(`got a ${type} name of ${name.length} characters, expected at most ${schemaLimits.nameChars}`);
  }
  if (!namePattern.test(name)) {
    return invalid(
      `got ${JSON.stringify(name)} as a ${type} name, expected letters, digits, _, . and -, first a letter, digit or _`,
    );
  }
  if (replication !== null && type !== 'keyspace')
    return invalid(`got a replication for ${type} ${name}, expected none`);
  if (document !== null && type !== 'document') return invalid(`got a document for ${type} ${name}, expected none`);
  if (replication !== null) return refusalOfReplication(name, replication);
  return document === null ? null : refusalOfDocument(name, document);
}

function refusalOfReplication(name: string, replication: Readonly<Record<string, string>>): DefinitionRefusal | null {
  const options = Object.entries(replication);
  if (options.length === 0) return invalid(`got an empty replication for keyspace ${name}`);
  if (options.length > schemaLimits.replicationOptions) {
    return tooLarge(
      `got ${options.length} replication options for keyspace ${name}, expected at most ${schemaLimits.replicationOptions}`,
    );
  }
  for (const text of options.flat()) {
    if (!isWellFormed(text)) return invalid(`got a replication option of keyspace ${name} that is no Unicode text`);
    if (bytesOf(text) > schemaLimits.replicationOptionBytes) {
      return tooLarge(
        `got a replication option of ${bytesOf(text)} bytes for keyspace ${name}, expected at most ${schemaLimits.replicationOptionBytes}`,
      );
    }
  }
  return null;
}

function refusalOfDocument(name: string, document: string): DefinitionRefusal | null {
  // A code unit takes a byte at least: what is far too long is never encoded.
  const bytes = document.length > schemaLimits.documentBytes ? document.length : bytesOf(document);
  if (bytes > schemaLimits.documentBytes) {
    return tooLarge(`got document ${name} of ${bytes} bytes or more, expected at most ${schemaLimits.documentBytes}`);
  }
  return isWellFormed(document)
    ? null
    : invalid(`got document ${name} with half a surrogate pair, expected Unicode text`);
}

const invalid = (reason: string): DefinitionRefusal => ({ code: 'INVALID_ARGUMENT', reason });
const tooLarge = (reason: string): DefinitionRefusal => ({ code: 'TOO_LARGE', reason });
const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(text).length;
/** Half a surrogate pair does not survive UTF-8: every receiver would hold another text, and another version. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
