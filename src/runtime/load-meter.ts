import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** LOAD is told soon after the start, then each minute (Cassandra's LoadBroadcaster). */
const firstMs = 2_000;
const everyMs = 60_000;

/** Asks for this node's load in bytes, from the application or from a directory's size, and tells it on. */
export class LoadMeter {
  readonly #measure: () => Promise<number>;
  readonly #tell: (bytes: number) => void;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(measure: () => Promise<number>, tell: (bytes: number) => void) {
    this.#measure = measure;
    this.#tell = tell;
  }

  start(): void {
    this.#again(firstMs);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #again(delayMs: number): void {
    this.#timer = setTimeout(async () => {
      try {
        const bytes = await this.#measure();
        if (!this.#stopped && Number.isSafeInteger(bytes) && bytes >= 0) this.#tell(bytes);
      } catch {
        // A load that cannot be measured is unknown, which is what silence says.
      }
      if (!this.#stopped) this.#again(everyMs);
    }, delayMs).unref();
  }
}

/** Bytes of all files below a directory, read with asynchronous calls so that the loop stays free. */
export async function directoryBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      (file) => file.size,
      () => 0, // Deleted between the listing and now.
    );
  }
  return bytes;
}
