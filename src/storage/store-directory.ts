import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RingError } from '../base/error.ts';
import { isUuid } from '../base/id.ts';
import { damageOfLog } from './log-check.ts';
import { lastWriteDamaged, storeDamaged } from './store-refusal.ts';
import { damageOfTable } from './table-check.ts';

/** Whose store a directory holds, in a file of its own. */
export interface StoreWitness {
  readonly hostId: string;
  readonly clusterName: string;
  /** Null until the node had found or learned its cluster. */
  readonly clusterId: string | null;
}

const witnessName = 'IDENTITY.json';

/**
 * Makes the directory if need be, and looks for what LevelDB would pass over in silence: a missing CURRENT beside other
 * files, at which it begins a new database, and logs that do not match their checksums. Returns the names of its tables, for
 * `checkTables`. Throws RingError STORE_DAMAGED, or what the file system says.
 */
export async function prepareDirectory(directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const names = await readdir(directory);
  // A first start that was killed early leaves MANIFEST-000001 and no CURRENT: nothing was ever written to that store.
  const remains = names.find((name) => /^(\d+\.(log|ldb|sst)|MANIFEST-(?!000001$)\d+)$/.test(name));
  if (!names.includes('CURRENT') && remains !== undefined) {
    throw storeDamaged(directory, `its file CURRENT is missing, though ${remains} is there`);
  }
  const logs = names.filter((name) => /^\d+\.log$/.test(name));
  await refuseDamaged(directory, logs, (name, bytes) => {
    const damage = damageOfLog(bytes);
    if (damage === null) return null;
    return damage.inLastWrite
      ? lastWriteDamaged(directory, name, damage.at)
      : storeDamaged(directory, mismatch(name, damage.at));
  });
  return names.filter((name) => /^\d+\.ldb$/.test(name));
}

/**
 * Checks those of the tables found by `prepareDirectory` that are still there after LevelDB has opened the directory: it
 * has removed by then what a crash left half written. Throws RingError STORE_DAMAGED.
 */
export async function checkTables(directory: string, tables: readonly string[]): Promise<void> {
  await refuseDamaged(directory, tables, (name, bytes) => {
    const at = damageOfTable(bytes);
    return at === null ? null : storeDamaged(directory, mismatch(name, at));
  });
}

const mismatch = (name: string, at: number): string => `${name} does not match its checksum at byte ${at}`;

async function refuseDamaged(
  directory: string,
  names: readonly string[],
  refusalOf: (name: string, bytes: Uint8Array) => RingError | null,
): Promise<void> {
  for (const name of names) {
    const bytes = await contentOf(join(directory, name));
    const refusal = bytes === null ? null : refusalOf(name, bytes);
    if (refusal !== null) throw refusal;
  }
}

/** Null if there is no such file. */
async function contentOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * The witness that the directory once held this identity: a store that lost all its content (its log deleted, say) looks
 * like a new one to LevelDB, and the node would silently be born again. Null: none was ever written; `unreadable` if it
 * is there and tells nothing.
 */
export async function readWitness(directory: string): Promise<StoreWitness | 'unreadable' | null> {
  const bytes = await contentOf(join(directory, witnessName));
  if (bytes === null) return null;
  try {
    const { hostId, clusterName, clusterId = null } = JSON.parse(bytes.toString());
    if (!isUuid(hostId) || typeof clusterName !== 'string') return 'unreadable';
    return clusterId === null || isUuid(clusterId) ? { hostId, clusterName, clusterId } : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

/** Writes the witness, all of it or nothing, synced. Called after the identity itself is durable, never before. */
export async function writeWitness(directory: string, { hostId, clusterName, clusterId }: StoreWitness): Promise<void> {
  const path = join(directory, witnessName);
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(`${JSON.stringify({ hostId, clusterName, clusterId })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
