/** What `ringctl` touches outside itself; a test gives its own. */
export interface CliIo {
  readonly stdout: { write(text: string): unknown };
  /** `isTTY`: a terminal, where a progress bar may be drawn. */
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}
