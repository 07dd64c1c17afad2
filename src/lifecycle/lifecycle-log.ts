/** What a procedure tells people while it runs: a name for programs, a sentence, and facts. */
export interface LifecycleLog {
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    message: string,
    facts?: Readonly<Record<string, unknown>>,
  ): void;
}
