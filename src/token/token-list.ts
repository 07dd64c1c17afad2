import type { Token } from './token.ts';

const tokenBytes = 8;

/** More than any host may have (Cassandra allows 1,536; a frame and a record allow less). */
export const maxTokensPerHost = 1024;

const maxTextLength = Math.ceil((maxTokensPerHost * tokenBytes) / 3) * 4;

/** Tokens as text, for the application state TOKENS: base64 of 8 bytes each, big-endian two's complement, in order. */
export function encodeTokens(tokens: readonly Token[]): string {
  const bytes = Buffer.alloc(tokens.length * tokenBytes);
  for (const [index, token] of tokens.entries()) bytes.writeBigInt64BE(token, index * tokenBytes);
  return bytes.toString('base64');
}

/**
 * The tokens of a text made by `encodeTokens`, in the same order. Null (it comes from outside) if it is not canonical
 * base64 of whole tokens, names one twice, or holds more than `maxTokensPerHost`.
 */
export function decodeTokens(text: string): Token[] | null {
  if (text.length > maxTextLength) return null;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % tokenBytes !== 0 || bytes.length > maxTokensPerHost * tokenBytes) return null;
  if (bytes.toString('base64') !== text) return null;
  const tokens: Token[] = [];
  for (let at = 0; at < bytes.length; at += tokenBytes) tokens.push(bytes.readBigInt64BE(at));
  return new Set(tokens).size === tokens.length ? tokens : null;
}
