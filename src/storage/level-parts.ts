import type { Level } from 'level';
import { storeParts } from './store-key.ts';

/** A store's LevelDB: text keys, values as bytes. */
export type StoreLevel = Level<string, Uint8Array>;

/** The names of all sublevels of a store. */
export const sublevelNames: readonly string[] = [...storeParts, 'format', 'damaged'];

/** The sublevels of a store: its parts, the format's number, and what was set aside. */
export function levelParts(db: StoreLevel) {
  const part = (name: string) => db.sublevel<string, Uint8Array>(name, { keyEncoding: 'utf8', valueEncoding: 'view' });
  return {
    ...(Object.fromEntries(storeParts.map((name) => [name, part(name)])) as Record<
      (typeof storeParts)[number],
      ReturnType<typeof part>
    >),
    format: part('format'),
    damaged: part('damaged'),
  };
}

export type LevelParts = ReturnType<typeof levelParts>;
