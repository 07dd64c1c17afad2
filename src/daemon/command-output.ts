import { StringDecoder } from 'node:string_decoder';
import type { Logger } from 'pino';
import { secondMs } from '../base/time.ts';

/** What comes without a line break is cut into lines of this length. */
const maxLineLength = 8_192;
/** Lines of one command that go to the log in a second; a person reads less, and a log is no place for data. */
const maxLoggedPerSecond = 1_000;

/**
 * Gives each line that is not blank to `take`. One piece of what a program writes is taken a turn of the loop: however much it
 * says, the node has its turns between, and the program waits.
 */
export function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const cut = (line: string): void => {
    if (line.trim() !== '') take(line.trimEnd());
  };
  stream.on('data', (chunk: Buffer) => {
    stream.pause();
    setImmediate(() => stream.resume());
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) cut(line.slice(0, maxLineLength));
    for (; rest.length > maxLineLength; rest = rest.slice(maxLineLength)) cut(rest.slice(0, maxLineLength));
  });
  stream.on('end', () => cut(rest));
}

/** The log of one command: so many lines a second, and how many were left out. */
export class LineLog {
  readonly #logger: Logger;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #leftOut = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(level: 'info' | 'warn', line: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#sinceMs >= secondMs) {
      this.tellLeftOut();
      this.#sinceMs = nowMs;
      this.#lines = 0;
    }
    if (++this.#lines <= maxLoggedPerSecond) this.#logger[level](line);
    else this.#leftOut++;
  }

  /** To be called at the end, too. */
  tellLeftOut(): void {
    if (this.#leftOut > 0) this.#logger.warn(`${this.#leftOut} lines of its output were left out here`);
    this.#leftOut = 0;
  }
}
