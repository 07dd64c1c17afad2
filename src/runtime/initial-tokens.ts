import { isToken, maxToken, minToken, parseToken, type Token } from '../token/token.ts';
import type { OptionReader } from './option-reader.ts';

/** The most vnodes that a node takes. */
export const maxTokens = 256;

const key = 'initialTokens';

/** The option `initialTokens`; empty if it is absent. Throws INVALID_CONFIG. */
export function readInitialTokens(reader: OptionReader): readonly Token[] {
  if (!reader.has(key)) return [];
  const value = reader.raw(key);
  const expected = `a list of 1 to ${maxTokens} different tokens, from ${minToken + 1n} to ${maxToken}, the large ones as text`;
  if (!Array.isArray(value) || value.length === 0 || value.length > maxTokens) return reader.refuse(key, expected);
  const tokens = value.map((item: unknown) => tokenOfItem(item) ?? reader.refuse(key, expected));
  if (new Set(tokens).size < tokens.length) return reader.refuse(key, expected);
  if (reader.has('tokens') && reader.raw('tokens') !== tokens.length) {
    return reader.refuse(
      'tokens',
      `as many as initialTokens, ${tokens.length}`,
      'Leave tokens out, or correct one of the two.',
    );
  }
  return tokens;
}

/** Null for what is no token, and for a number that YAML or JSON has rounded. */
function tokenOfItem(item: unknown): Token | null {
  if (Number.isSafeInteger(item)) return BigInt(item as number);
  if (typeof item === 'bigint') return isToken(item) && item !== minToken ? item : null;
  if (typeof item !== 'string') return null;
  try {
    return tokenOfItem(parseToken(item));
  } catch {
    return null;
  }
}
