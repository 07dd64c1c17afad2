import type { CliIo } from './cli-io.ts';

const cells = 30;

/** A bar on one line of standard error, drawn over itself; nothing where that is no terminal. */
export class ProgressBar {
  readonly #stderr: CliIo['stderr'];
  #shown = '';

  constructor(stderr: CliIo['stderr']) {
    this.#stderr = stderr;
  }

  /** `share` is 0 to 1. */
  show(share: number, what: string): void {
    if (this.#stderr.isTTY !== true) return;
    // A line that wraps cannot be drawn over: each look would leave a row behind.
    const line = `${barText(share)} ${what}`.slice(0, (this.#stderr.columns || 80) - 1);
    if (line === this.#shown) return;
    this.#stderr.write(`\r${line.padEnd(this.#shown.length)}`);
    this.#shown = line;
  }

  /** Wipes the bar, so that what follows starts on a clean line. */
  clear(): void {
    if (this.#shown !== '') this.#stderr.write(`\r${' '.repeat(this.#shown.length)}\r`);
    this.#shown = '';
  }
}

/** `[######........................]  20 %`. */
export function barText(share: number): string {
  const full = Math.round(share * cells);
  return `[${'#'.repeat(full)}${'.'.repeat(cells - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
}
