import type { Static, TSchema } from 'typebox';
import { Check, Clean } from 'typebox/value';

/**
 * What a node sent as its schema says, with fields that a newer node adds left out; null for anything else. Takes the
 * payload over: it is cleaned in place.
 */
export function readAs<S extends TSchema>(schema: S, payload: unknown): Static<S> | null {
  const known = Clean(schema, payload);
  return Check(schema, known) ? (known as Static<S>) : null;
}
