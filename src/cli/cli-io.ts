/** What `ringctl` touches outside itself; a test gives its own. */
export interface CliIo {
  readonly stdout: { write(text: string): unknown };
  /** `isTTY`: a terminal, where a progress bar may be drawn, `columns` wide. */
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
}
