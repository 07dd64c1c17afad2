import { type DestinationStream, type Logger, pino } from 'pino';
import pinoPretty from 'pino-pretty';
import type { LogLevel } from '../runtime/node-options.ts';

export interface DaemonLog {
  readonly logger: Logger;
  /** Writes out what is still held back. To be called before the process ends. */
  flush(): void;
}

/** Nothing logs options on purpose; should something do so by accident, these are not shown. */
const redact = ['secret', 'httpToken', '*.secret', '*.httpToken', 'headers.authorization', '*.headers.authorization'];

/**
 * The log on standard output: one JSON object a line, or lines for people if it is a terminal. JSON is written off the
 * loop, so that a slow reader of the log never delays a heartbeat.
 */
export function openLog(level: LogLevel, cluster: string, isTerminal: boolean): DaemonLog {
  const options = {
    level,
    base: { cluster },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact,
  };
  if (isTerminal) {
    const people: DestinationStream = pinoPretty({ ignore: 'cluster', translateTime: 'SYS:HH:MM:ss.l', sync: true });
    return { logger: pino(options, people), flush: () => {} };
  }
  const programs = pino.destination({ dest: 1, sync: false });
  return { logger: pino(options, programs), flush: () => flushQuietly(() => programs.flushSync()) };
}

/** A reader that went away, or a destination that is not open yet, must not turn an orderly end into a crash. */
function flushQuietly(flush: () => void): void {
  try {
    flush();
  } catch {
    // Nothing is left that could be told, and nobody to tell it to.
  }
}
