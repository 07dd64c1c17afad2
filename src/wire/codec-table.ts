import type { FieldReader } from './field-reader.ts';

/** How one kind of message stands in its positional array. */
export interface KindCodec<M> {
  /** The kind's number on the wire. Never reused, never changed. */
  readonly tag: number;
  /** The fields in order, as msgpack scalars and arrays. */
  encode(message: M): unknown[];
  /** Reads the same fields in the same order; throws `BadField`. */
  decode(fields: FieldReader): M;
}

/** The codecs of a family of messages, one per kind: a kind that is missing is a type error. */
export type CodecTable<M extends { readonly kind: string }> = {
  readonly [K in M['kind']]: KindCodec<Extract<M, { readonly kind: K }>>;
};
