import { durationMsOf } from '../base/duration.ts';
import { RingError } from '../base/error.ts';
import { type HostPort, parseAddress } from './address.ts';
import { shown } from './shown.ts';

/** Options that hold something secret: their value is never shown, in no error and no log. */
const secretKeys: readonly string[] = ['secret', 'httpToken'];

/** An inclusive range of numbers. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads options of unknown make one by one, each by its key. An option that is absent or `undefined` is the fallback.
 * Every method throws INVALID_CONFIG (addresses: INVALID_ADDRESS) that names the key, what was got and what expected;
 * `details.key` has the key for programs.
 */
export class OptionReader {
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(options: object) {
    this.#options = options as Readonly<Record<string, unknown>>;
    // Whoever wrote `null` may have meant something: only an absent option has its default.
    for (const [key, value] of Object.entries(this.#options)) {
      if (value === null) this.refuse(key, 'a value', `Leave ${key} out to have its default.`);
    }
  }

  has(key: string): boolean {
    return this.#options[key] !== undefined;
  }

  /** Anything at all: the caller checks it with `refuse`. */
  raw(key: string): unknown {
    return this.#options[key];
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#options[key] ?? fallback;
    return typeof value === 'boolean' ? value : this.refuse(key, 'true or false');
  }

  integer(key: string, fallback: number, { from, to }: Range): number {
    const value = this.#options[key] ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to) {
      return value as number;
    }
    return this.refuse(key, `a whole number from ${from} to ${to}`);
  }

  number(key: string, fallback: number, { from, to }: Range): number {
    const value = this.#options[key] ?? fallback;
    if (typeof value === 'number' && value >= from && value <= to) return value;
    return this.refuse(key, `a number from ${from} to ${to}`);
  }

  /** Answers milliseconds. */
  durationMs(key: string, fallbackMs: number, { from, to }: Range): number {
    const value = durationMsOf(this.#options[key] ?? fallbackMs);
    if (value !== null && value >= from && value <= to) return value;
    return this.refuse(key, `a duration from ${from} ms to ${to} ms, such as 500ms, 60s or 2m`);
  }

  /** Text that is not empty, without control characters, at most `maxLength` characters long; or the fallback. */
  text<F extends string | null>(key: string, fallback: F, maxLength: number): string | F {
    if (!this.has(key)) return fallback;
    const value = this.#options[key];
    const expected = `text of 1 to ${maxLength} printable characters, without space at its ends`;
    if (typeof value !== 'string' || value === '' || value !== value.trim()) return this.refuse(key, expected);
    if ([...value].length > maxLength || /\p{Cc}/u.test(value)) return this.refuse(key, expected);
    return value;
  }

  oneOf<T extends string>(key: string, fallback: T, choices: readonly T[]): T {
    const value = this.#options[key] ?? fallback;
    const chosen = choices.find((choice) => choice === value);
    return chosen === undefined ? this.refuse(key, choices.join(', ')) : chosen;
  }

  address(key: string, fallback: string): HostPort {
    const value = this.#options[key] ?? fallback;
    return parseAddress(value, key);
  }

  /** Throws INVALID_CONFIG about this key. */
  refuse(key: string, expected: string, hint = `Correct ${key}, or leave it out to have its default.`): never {
    const message = `${key}: got ${this.#shown(key)}, expected ${expected}`;
    throw new RingError('INVALID_CONFIG', message, { hint, details: { key } });
  }

  #shown(key: string): string {
    const value = this.#options[key];
    if (value === undefined) return 'nothing';
    if (secretKeys.includes(key) && value !== '') return `a value of type ${typeof value} (not shown)`;
    if (typeof value === 'function') return 'a function';
    const text = shown(value);
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  }
}
