import { RingError } from '../base/error.ts';
import { type LevelParts, type StoreLevel, sublevelNames } from './level-parts.ts';
import { storeDamaged } from './store-refusal.ts';

/** The number of the layout that this release writes: sublevels, keys, and values as `record-codec.ts` has them. */
export const storeFormat = 1;

/** Brings a store from format n to n + 1, in one batch with the new number. */
export type StoreMigration = (db: StoreLevel, parts: LevelParts) => Promise<void>;

/** By the format that they start from. Format 1 is the first, so there is none yet. */
const migrations: Readonly<Record<number, StoreMigration>> = {};

const formatKey = 'version';

/**
 * Checks the format, writes it into an empty store, and migrates an older one. Throws RingError STORE_FORMAT for a newer
 * one, STORE_DAMAGED if there is content without a format, INVALID_CONFIG if the content is not ours.
 */
export async function settleFormat(directory: string, db: StoreLevel, parts: LevelParts): Promise<void> {
  const bytes = await parts.format.get(formatKey);
  if (bytes === undefined) {
    const content = await contentOf(db);
    if (content === 'nothing') {
      const value = new TextEncoder().encode(String(storeFormat));
      // Synced as every write is: `log-check.ts` counts on it that a crash can tear the last one alone.
      return db.batch([{ type: 'put', key: formatKey, value, sublevel: parts.format }], { sync: true });
    }
    if (content === 'ours') throw storeDamaged(directory, 'its format number is missing');
    throw new RingError('INVALID_CONFIG', `${directory} holds a LevelDB database that is no store of murmuring`, {
      hint: 'give the node a data directory of its own',
      details: { directory },
    });
  }
  const text = new TextDecoder().decode(bytes);
  if (!/^[1-9]\d{0,8}$/.test(text)) throw storeDamaged(directory, `its format number reads ${JSON.stringify(text)}`);
  for (let format = Number(text); format !== storeFormat; format++) {
    const migrate = migrations[format];
    if (migrate === undefined) {
      throw new RingError(
        'STORE_FORMAT',
        `the store in ${directory} has format ${text}, this release knows ${storeFormat}`,
        {
          hint: 'start the release that wrote it, or a later one; nothing was changed',
          details: { directory, format: Number(text) },
        },
      );
    }
    await migrate(db, parts);
  }
}

/** Whose a database without a format number is: ours if all its keys lie in sublevels of ours. */
async function contentOf(db: StoreLevel): Promise<'nothing' | 'ours' | 'foreign'> {
  let content: 'nothing' | 'ours' = 'nothing';
  for await (const key of db.keys()) {
    const [before, sublevel] = key.split('!', 2);
    if (before !== '' || !sublevelNames.includes(sublevel!)) return 'foreign';
    content = 'ours';
  }
  return content;
}
