import { type DestinationStream, type Logger, pino } from 'pino';
import pinoPretty from 'pino-pretty';
import type { LogLevel } from '../runtime/node-options.ts';
import { LogWriter } from './log-writer.ts';

export interface DaemonLog {
  readonly logger: Logger;
  /** Writes out what is still held back. To be called before the process ends. */
  flush(): void;
}

/** Nothing logs options on purpose; should something do so by accident, these are not shown. */
const redact = ['secret', 'httpToken', '*.secret', '*.httpToken', 'headers.authorization', '*.headers.authorization'];

/** The log on standard output: one JSON object a line, or lines for people if it is a terminal. */
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
  const programs = new LogWriter(1);
  return { logger: pino(options, programs), flush: () => programs.flush() };
}
