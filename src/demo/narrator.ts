/** Where the story goes; standard output is one. */
export interface Page {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Prints the story. Styles only on a terminal. */
export class Narrator {
  readonly #page: Page;
  #chapter = 0;
  #afterGap = true;

  constructor(page: Page) {
    this.#page = page;
  }

  chapter(title: string): void {
    this.#chapter++;
    this.gap();
    this.line(this.#style(1, `${this.#chapter}. ${title}`));
  }

  /** A sentence of the story. */
  say(text: string): void {
    this.line(`   ${text}`);
  }

  /** Something that was checked and holds. */
  holds(text: string): void {
    this.line(`   ${this.#style(32, '✓')} ${text}`);
  }

  fails(text: string): void {
    this.line(`   ${this.#style(31, '✗')} ${text}`);
  }

  /** A command that the reader could type, and what it printed. */
  command(command: string, printed: string): void {
    this.gap();
    this.line(`   ${this.#style(36, `$ ${command}`)}`);
    for (const line of printed.trimEnd().split('\n')) this.line(`   ${line}`.trimEnd());
    this.gap();
  }

  /** Columns wide enough for their cells; numbers are the caller's to align. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    this.gap();
    for (const row of rows) {
      this.line(`   ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd());
    }
    this.gap();
  }

  line(text: string): void {
    this.#afterGap = false;
    this.#page.write(`${text}\n`);
  }

  /** An empty line, unless there is one already. */
  gap(): void {
    if (!this.#afterGap) this.line('');
    this.#afterGap = true;
  }

  #style(code: number, text: string): string {
    return this.#page.isTTY === true ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
