import type { SchemaDefinition } from './schema-definition.ts';

/** Member → a holder of an unknown version: send me your definitions. Lost: asked again, of another holder. */
export interface SchemaPull {
  readonly kind: 'schemaPull';
  /** The version (UUID) that is wanted, as the holder gossiped it. */
  readonly version: string;
}

/** Holder → member: all definitions, tombstones included. Merged whole, in any order. */
export interface SchemaPush {
  readonly kind: 'schemaPush';
  /** Number of the canonical serialization that `version` was hashed over: versions of other formats never compare. */
  readonly format: number;
  readonly version: string;
  readonly definitions: readonly SchemaDefinition[];
}

/** Member → member whose root differs: my version, in case it is that which differs. Answered in kind, once. */
export interface SchemaVersionNotice {
  readonly kind: 'schemaVersion';
  readonly version: string;
  /** An answer is not answered. */
  readonly answer: boolean;
}

export type SchemaMessage = SchemaPull | SchemaPush | SchemaVersionNotice;
