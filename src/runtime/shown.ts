import { inspect } from 'node:util';

/** Any value as one short line for a message: as JSON has it where JSON can, and never throwing. */
export function shown(value: unknown): string {
  try {
    const text = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each));
    if (text !== undefined) return text;
  } catch {
    // A circle, or a toJSON that throws.
  }
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
}
