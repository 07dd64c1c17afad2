import Type, { type Static } from 'typebox';
import { Replication, UnixMs, Uuid } from './ring-terms.ts';
import { closed } from './shape.ts';

/** Who wrote a definition last, and when: the later stamp wins. */
export const SchemaStamp = closed({ timeMs: UnixMs, hostId: Uuid });

/** `GET /v1/schema` (`ringctl schema show`): all definitions, ascending by name. Dropped ones are not shown. */
export const Schema = closed({
  schemaVersion: Uuid,
  keyspaces: Type.Array(closed({ name: Type.String(), replication: Replication, stamp: SchemaStamp })),
  documents: Type.Array(closed({ name: Type.String(), document: Type.String(), stamp: SchemaStamp })),
});
export type Schema = Static<typeof Schema>;

/** What a change of the schema answers: the version that this node has now. */
export const SchemaChange = closed({ schemaVersion: Uuid });
export type SchemaChange = Static<typeof SchemaChange>;

/** Body of `PUT /v1/schema/keyspaces/:name`, as JSON. A document is put as `text/plain`: its body is the document. */
export const PutKeyspace = closed({
  replication: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
});
export type PutKeyspace = Static<typeof PutKeyspace>;
