import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** LOAD is told soon after the start, then each minute (Cassandra's LoadBroadcaster). */
const firstMs = 2_000;
const everyMs = 60_000;

export interface LoadMeterOptions {
  readonly measure: () => Promise<number>;
  readonly tell: (bytes: number) => void;
  /** Why the load is unknown, the first time in a row. */
  readonly warn: (reason: string) => void;
}

/** Asks for this node's load in bytes, from the application or from a directory's size, and tells it on. */
export class LoadMeter {
  readonly #options: LoadMeterOptions;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #warned = false;

  constructor(options: LoadMeterOptions) {
    this.#options = options;
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
      await this.#look();
      if (!this.#stopped) this.#again(everyMs);
    }, delayMs).unref();
  }

  /** To the others a load that cannot be measured is unknown, which is what silence says. */
  async #look(): Promise<void> {
    const { measure, tell, warn } = this.#options;
    let reason: string;
    try {
      const bytes = await measure();
      if (this.#stopped) return;
      if (Number.isSafeInteger(bytes) && bytes >= 0) {
        this.#warned = false;
        return tell(bytes);
      }
      reason = `got ${String(bytes)}, expected whole bytes`;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (!this.#warned && !this.#stopped) warn(reason);
    this.#warned = true;
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
