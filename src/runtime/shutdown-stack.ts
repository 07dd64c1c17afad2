/** What was opened, closed in the opposite order, once: whoever calls `run` again waits for the same closing. */
export class ShutdownStack {
  readonly #closers: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  run(): Promise<void> {
    this.#running ??= this.#closeAll();
    return this.#running;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    // One that fails must not keep the others open.
    for (const close of this.#closers.reverse()) await close().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
