import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid } from '../base/id.ts';
import { damageOfLogs } from './log-check.ts';
import { storeDamaged } from './store-refusal.ts';

/** Whose store a directory holds, in a file of its own. */
export interface StoreWitness {
  readonly hostId: string;
  readonly clusterName: string;
}

const witnessName = 'IDENTITY.json';

/**
 * Makes the directory if need be, and looks for what LevelDB would pass over in silence: a missing CURRENT beside other
 * files, at which it begins a new database, and logs that do not match their checksums. Throws RingError STORE_DAMAGED,
 * or what the file system says.
 */
export async function prepareDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const names = await readdir(directory);
  // A first start that was killed early leaves MANIFEST-000001 and no CURRENT: nothing was ever written to that store.
  const remains = names.find((name) => /^(\d+\.(log|ldb|sst)|MANIFEST-(?!000001$)\d+)$/.test(name));
  if (!names.includes('CURRENT') && remains !== undefined) {
    throw storeDamaged(directory, `its file CURRENT is missing, though ${remains} is there`);
  }
  const damage = await damageOfLogs(directory);
  if (damage !== null) throw storeDamaged(directory, damage);
}

/**
 * The witness that the directory once held this identity: a store that lost all its content (its log deleted, say) looks
 * like a new one to LevelDB, and the node would silently be born again. Null: none was ever written; `unreadable` if it
 * is there and tells nothing.
 */
export async function readWitness(directory: string): Promise<StoreWitness | 'unreadable' | null> {
  let text: string;
  try {
    text = await readFile(join(directory, witnessName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { hostId, clusterName } = JSON.parse(text);
    return isUuid(hostId) && typeof clusterName === 'string' ? { hostId, clusterName } : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

/** Writes the witness, all of it or nothing, synced. Called after the identity itself is durable, never before. */
export async function writeWitness(directory: string, { hostId, clusterName }: StoreWitness): Promise<void> {
  const path = join(directory, witnessName);
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(`${JSON.stringify({ hostId, clusterName })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
