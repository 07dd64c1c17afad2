import Type, { type TNull, type TObject, type TProperties, type TSchema, type TUnion } from 'typebox';

/** An object with exactly these properties: an answer of /v1 says what its schema says, and nothing besides. */
export function closed<Properties extends TProperties>(
  properties: Properties,
  description?: string,
): TObject<Properties> {
  const options = { additionalProperties: false };
  return Type.Object(properties, description === undefined ? options : { ...options, description });
}

/** The value, or null where there is none: properties of answers are never left out. */
export function nullable<Value extends TSchema>(value: Value): TUnion<[Value, TNull]> {
  return Type.Union([value, Type.Null()]);
}
