import { compareTokens, maxToken, minToken, type Token } from './token.ts';
import type { TokenRange } from './token-range.ts';

/**
 * The same tokens in the fewest ranges: ascending by `left`, without overlap, adjacent ones joined, also around the end of
 * the ring (that one comes last). The whole ring is (minToken, minToken]. (Cassandra: Range.normalize)
 */
export function mergeRanges(ranges: Iterable<TokenRange>): TokenRange[] {
  const merged: { left: Token; right: Token }[] = [];
  for (const { left, right } of unwrapped(ranges)) {
    const last = merged.at(-1);
    if (last === undefined || left > last.right) merged.push({ left, right });
    else if (right > last.right) last.right = right;
  }
  const first = merged[0];
  const last = merged.at(-1);
  if (first === undefined || last === undefined || first.left !== minToken || last.right !== maxToken) return merged;
  if (first === last) return [{ left: minToken, right: minToken }];
  return [...merged.slice(1, -1), { left: last.left, right: first.right }];
}

/** Each range as one or two that do not wrap, ascending by `left`. */
function unwrapped(ranges: Iterable<TokenRange>): TokenRange[] {
  const straight: TokenRange[] = [];
  for (const { left, right } of ranges) {
    if (left < right) {
      straight.push({ left, right });
      continue;
    }
    if (left < maxToken) straight.push({ left, right: maxToken });
    if (right > minToken) straight.push({ left: minToken, right });
  }
  return straight.sort((a, b) => compareTokens(a.left, b.left));
}
