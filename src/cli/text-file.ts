import { readFileSync } from 'node:fs';
import { RingError } from '../base/error.ts';

/** The text of a file that the command line names. Throws INVALID_ARGUMENT, naming it, if it is not there or no UTF-8. */
export function readTextFile(file: string, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    const why = error instanceof TypeError ? 'it is not UTF-8 text' : (error as Error).message;
    throw new RingError('INVALID_ARGUMENT', `cannot read the ${what} ${file}: ${why}`, {
      hint: 'Give a text file that exists and may be read.',
      cause: error,
    });
  }
}
