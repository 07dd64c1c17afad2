import type { RingErrorCode } from '../base/error.ts';

/** 0: done. 1: refused or failed. 2: wrong usage, the same command line can never succeed. */
export type ExitCode = 0 | 1 | 2;

const wrongUsage: readonly RingErrorCode[] = ['INVALID_ARGUMENT', 'INVALID_CONFIG', 'INVALID_ADDRESS', 'INVALID_KEY'];

/** The one place where an error becomes an exit code, whether the node or `ringctl` itself found it. */
export function exitCodeOf(code: RingErrorCode): ExitCode {
  return wrongUsage.includes(code) ? 2 : 1;
}
