import { InvariantViolation } from '../base/error.ts';
import type { Random } from '../base/random.ts';
import { tokenOfHalves } from './murmur3-partitioner.ts';
import { compareTokens, minToken, type Token } from './token.ts';

/** A draw hits a taken token with a chance near 0; so many misses in a row mean that `isTaken` is broken. */
const maxMisses = 1_000;

/**
 * `count` different tokens by chance, ascending, none of which `isTaken`, never the minimum.
 * (Cassandra: BootStrapper.getRandomTokens)
 */
export function randomTokens(count: number, random: Random, isTaken: (token: Token) => boolean): Token[] {
  const chosen = new Set<Token>();
  let misses = 0;
  while (chosen.size < count) {
    const token = tokenOfHalves(random.uint32() | 0, random.uint32());
    if (token === minToken || chosen.has(token) || isTaken(token)) {
      misses++;
      if (misses > maxMisses) throw new InvariantViolation(`${misses} random tokens in a row were taken`);
      continue;
    }
    misses = 0;
    chosen.add(token);
  }
  return [...chosen].sort(compareTokens);
}
