import type { SchemaDefinition } from './schema-definition.ts';

/** Member → a holder of an unknown version: send me your definitions. Lost: asked again, of another holder. */
export interface SchemaPull {
  readonly kind: 'schemaPull';
  /** The version (UUID) that is wanted, as the holder gossiped it. */
  readonly version: string;
}

/** Holder → member: all definitions, tombstones included. Merged whole, in any order. Also pushed after an edit. */
export interface SchemaPush {
  readonly kind: 'schemaPush';
  /** Number of the canonical serialization that `version` was hashed over: versions of other formats never compare. */
  readonly format: number;
  readonly version: string;
  readonly definitions: readonly SchemaDefinition[];
}

export type SchemaMessage = SchemaPull | SchemaPush;
