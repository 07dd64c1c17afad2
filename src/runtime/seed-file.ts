import { readFile } from 'node:fs/promises';
import { RingError } from '../base/error.ts';
import type { Address } from '../base/id.ts';
import { formatAddress, isWildcard, parseAddress } from './address.ts';
import { maxSeeds, type SeedSource } from './seed-resolver.ts';

/**
 * Seeds from a file that somebody else keeps (a mounted ConfigMap, a deployment tool), read again and again so that a
 * change counts without a restart. What cannot be read, or lists nobody, changes nothing and is told once.
 * (Cassandra: SeedProvider, Gossiper.reloadSeeds)
 */
export class SeedFile implements SeedSource {
  /** What somebody else may edit any time shows no two nodes the same: nobody founds by it. */
  readonly literal = false;
  readonly changes = true;
  readonly #path: string;
  readonly #warn: (text: string) => void;
  #last: readonly Address[] | null;
  #told = '';

  /** `last`: what holds until the file has some; null where nothing can be done without. */
  constructor(path: string, warn: (text: string) => void, last: readonly Address[] | null = null) {
    this.#path = path;
    this.#warn = warn;
    this.#last = last;
  }

  /** The seeds as the file has them now, or had them last. Rejects with RingError INVALID_CONFIG if nothing holds yet. */
  async names(): Promise<readonly Address[]> {
    try {
      this.#last = seedsOf(await readFile(this.#path, 'utf8'));
      this.#told = '';
    } catch (error) {
      const reason =
        error instanceof RingError ? error.message : `it cannot be read (${(error as NodeJS.ErrnoException).code})`;
      const text = `seedsFile ${this.#path}: ${reason}`;
      if (this.#last === null) {
        const hint = 'Write the addresses of some members into it, one a line, such as 10.0.0.1:7600.';
        throw new RingError('INVALID_CONFIG', text, { hint, details: { key: 'seedsFile' }, cause: error });
      }
      if (text !== this.#told) this.#warn(`${text}; the seeds stay ${this.#last.join(', ') || 'none'}`);
      this.#told = text;
    }
    return this.#last;
  }
}

/** The addresses of a text, without repetition: separated by line breaks, spaces or commas; `#` begins a comment. */
function seedsOf(text: string): Address[] {
  const words = text.replace(/#.*/g, '').split(/[\s,]+/);
  const seeds = new Set<Address>();
  for (const word of words.filter((each) => each !== '')) {
    const seed = parseAddress(word);
    if (seed.port === 0 || isWildcard(seed.host)) {
      throw new RingError('INVALID_ADDRESS', `address: got ${word}, expected one that can be reached`);
    }
    seeds.add(formatAddress(seed));
  }
  if (seeds.size === 0 || seeds.size > maxSeeds) {
    throw new RingError('INVALID_CONFIG', `it names ${seeds.size} seeds, expected 1 to ${maxSeeds}`);
  }
  return [...seeds];
}
