import Type, { type Static } from 'typebox';
import { AddressText, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/**
 * `GET /v1/schema/agreement?timeoutMs=` (`ringctl schema agree`): asks all members directly, again and again until they
 * agree or the time is over. Dead members cannot disagree; they are named.
 */
export const SchemaAgreement = closed({
  agreed: Type.Boolean(),
  /** The version of the node that answers: the one agreed on, if `agreed`. */
  schemaVersion: Uuid,
  /** Schema version → addresses of those that have it. */
  schemaVersions: Type.Record(Type.String(), Type.Array(AddressText)),
  /** Live members with another version; null: it did not answer in time. Empty if `agreed`. */
  differing: Type.Array(closed({ hostId: Uuid, address: nullable(AddressText), schemaVersion: nullable(Uuid) })),
  /** Dead members. */
  unreachable: Type.Array(AddressText),
});
export type SchemaAgreement = Static<typeof SchemaAgreement>;
