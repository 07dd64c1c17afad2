import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** Reads what a node sent: see `reader`. */
export type Reader<S extends TSchema> = (payload: unknown) => Static<S> | null;

/**
 * A reader of what nodes send by this schema, with fields that a newer node adds left out; null for anything else. It takes
 * the payload over: it is cleaned in place. Made once for each schema, for it compiles: a ring of a thousand members is
 * checked in one or two milliseconds of the application's loop, where interpreting the schema took a hundred.
 */
export function reader<S extends TSchema>(schema: S): Reader<S> {
  const shape = Compile(schema);
  return (payload) => {
    if (shape.Check(payload)) return payload as Static<S>;
    const known = shape.Clean(payload);
    return shape.Check(known) ? (known as Static<S>) : null;
  };
}
