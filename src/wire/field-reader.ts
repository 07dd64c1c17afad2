import { utf8Bytes } from '../gossip/versioned-value.ts';
import type { Token } from '../token/token.ts';
import { hexFromBytes, tokensFromBytes, uuidFromBytes } from './compact-fields.ts';
import type { RejectionReason } from './rejection.ts';
import { wireLimits } from './wire-limits.ts';

/** Thrown by a `FieldReader`, caught at the decoder's door: it never reaches a caller of the codec. */
export class BadField extends Error {
  override readonly name = 'BadField';
  readonly reason: RejectionReason;

  constructor(reason: RejectionReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Reads a positional array field by field, in the order in which it was written, and checks the type and range of each.
 * Every method takes the field's name for the rejection's text and throws `BadField`. A reader ends with `end()`: fields
 * that nobody asked for are refused.
 */
export class FieldReader {
  readonly #fields: readonly unknown[];
  readonly #path: string;
  #at = 0;

  constructor(fields: readonly unknown[], path: string) {
    this.#fields = fields;
    this.#path = path;
  }

  /** A safe integer from `min` to `max`, both included. */
  integer(name: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#next();
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
      return this.#bad(name, `a safe integer from ${min} to ${max}`, value);
    }
    // Plus zero: -0 is an integer to the test above.
    return (value as number) + 0;
  }

  /** A text of at most `maxBytes` in UTF-8. */
  text(name: string, maxBytes: number): string {
    const value = this.#next();
    if (typeof value !== 'string') return this.#bad(name, 'a text', value);
    // A code unit takes a byte at least: most texts need no measuring.
    if (value.length > maxBytes || (value.length * 3 > maxBytes && utf8Bytes(value) > maxBytes)) {
      throw new BadField('tooLarge', `${this.#path}.${name}: more than ${maxBytes} bytes`);
    }
    return value;
  }

  uuid(name: string): string {
    return uuidFromBytes(this.#binary(name, 16, 16));
  }

  /** UUIDs in one binary of 16 bytes each. */
  uuids(name: string, max: number): string[] {
    const bytes = this.#binary(name, 0, max * 16, 16);
    return Array.from({ length: bytes.length / 16 }, (_, at) => uuidFromBytes(bytes.subarray(at * 16, at * 16 + 16)));
  }

  /** A hash or random value of `bytes` bytes, as hex text. */
  hex(name: string, bytes: number): string {
    return hexFromBytes(this.#binary(name, bytes, bytes));
  }

  /** A hex text that may also be empty. */
  hexOrEmpty(name: string, maxBytes: number): string {
    return hexFromBytes(this.#binary(name, 0, maxBytes));
  }

  /** A binary of `minBytes` to `maxBytes`, a multiple of `stepBytes` long. Shares its memory with the message. */
  bytes(name: string, minBytes: number, maxBytes: number, stepBytes = 1): Uint8Array {
    return this.#binary(name, minBytes, maxBytes, stepBytes);
  }

  tokens(name: string): Token[] {
    return tokensFromBytes(this.#binary(name, 0, wireLimits.tokensPerNode * 8, 8));
  }

  /** One of a list of words, written as its place in the list. */
  oneOf<T extends string>(name: string, words: readonly T[]): T {
    return words[this.integer(name, 0, words.length - 1)]!;
  }

  /** Nil, or what `read` makes of the field. */
  nullable<T>(read: () => T): T | null {
    if (this.#at < this.#fields.length && this.#fields[this.#at] === null) {
      this.#at++;
      return null;
    }
    return read();
  }

  /** Nested fields, read to their end. */
  nested<T>(name: string, read: (fields: FieldReader) => T): T {
    const value = this.#next();
    if (!Array.isArray(value)) return this.#bad(name, 'an array', value);
    return readFields(value, `${this.#path}.${name}`, read);
  }

  /** An array whose elements are arrays of fields. */
  list<T>(name: string, max: number, read: (fields: FieldReader) => T): T[] {
    const value = this.#next();
    if (!Array.isArray(value)) return this.#bad(name, 'an array', value);
    if (value.length > max) throw new BadField('tooLarge', `${this.#path}.${name}: more than ${max} elements`);
    return value.map((fields, at) => {
      if (!Array.isArray(fields)) return this.#bad(`${name}[${at}]`, 'an array', fields);
      return readFields(fields, `${this.#path}.${name}[${at}]`, read);
    });
  }

  /** The next field without any check, for what has two forms. */
  peek(): unknown {
    return this.#fields[this.#at];
  }

  get remaining(): number {
    return this.#fields.length - this.#at;
  }

  end(): void {
    if (this.remaining !== 0) throw new BadField('malformed', `${this.#path}: ${this.remaining} fields too many`);
  }

  /** Refuses what was read: for rules that span fields. */
  refuse(name: string, expected: string): never {
    throw new BadField('malformed', `${this.#path}.${name}: expected ${expected}`);
  }

  #next(): unknown {
    if (this.#at >= this.#fields.length) throw new BadField('malformed', `${this.#path}: field ${this.#at} is missing`);
    return this.#fields[this.#at++];
  }

  #binary(name: string, minBytes: number, maxBytes: number, stepBytes = 1): Uint8Array {
    const value = this.#next();
    if (!(value instanceof Uint8Array)) return this.#bad(name, 'bytes', value);
    if (value.length > maxBytes && stepBytes > 1) {
      throw new BadField('tooLarge', `${this.#path}.${name}: more than ${maxBytes} bytes`);
    }
    if (value.length < minBytes || value.length > maxBytes || value.length % stepBytes !== 0) {
      throw new BadField(
        'malformed',
        `${this.#path}.${name}: got ${value.length} bytes, expected ${minBytes} to ${maxBytes}`,
      );
    }
    return value;
  }

  #bad(name: string, expected: string, value: unknown): never {
    const got = typeof value === 'number' ? String(value) : value === null ? 'nil' : typeof value;
    throw new BadField('malformed', `${this.#path}.${name}: got ${got}, expected ${expected}`);
  }
}

/** Reads all of an array with `read`. */
export function readFields<T>(fields: readonly unknown[], path: string, read: (fields: FieldReader) => T): T {
  const reader = new FieldReader(fields, path);
  const value = read(reader);
  reader.end();
  return value;
}
