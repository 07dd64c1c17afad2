import type { HostId } from '../base/id.ts';

/** Orders edits of one name: last writer wins by (timeMs, hostId), so any order of merging ends equal. */
export interface SchemaStamp {
  /** max(unix ms, highest seen for this name + 1): a slow clock loses nothing. */
  readonly timeMs: number;
  readonly hostId: HostId;
}

export type SchemaDefinitionType = 'keyspace' | 'document';

/**
 * One definition by (type, name). `replication` is set for keyspaces (canonical options), `document` for documents
 * (opaque text of the application); both null is a tombstone: the definition was dropped.
 */
export interface SchemaDefinition {
  readonly type: SchemaDefinitionType;
  readonly name: string;
  readonly stamp: SchemaStamp;
  readonly replication: Readonly<Record<string, string>> | null;
  readonly document: string | null;
}
