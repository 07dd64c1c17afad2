import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { RingError } from '../base/error.ts';
import type { MovementContext, MovementTask, RangeMovementHandler } from '../runtime/range-movement-handler.ts';
import { eachLine, LineLog } from './command-output.ts';

/** How long the last words of a command that has ended are waited for: what it left behind may hold its output open. */
const lastWordsMs = 1_000;
/** How often to look whether all that a cancelled command started has ended. */
const lookEveryMs = 50;
/** The command needs none of it, and its children might show it. */
const withheld = 'MURMURING_SECRET';

/** The absolute path of `movementCommand`. Throws INVALID_CONFIG unless it is a file that this process may run. */
export function movementCommandPath(value: unknown): string {
  const path = typeof value === 'string' && value.trim() !== '' ? resolve(value) : null;
  try {
    if (path !== null && statSync(path).isFile()) {
      accessSync(path, constants.X_OK);
      return path;
    }
  } catch {
    // Refused below, as what is no file.
  }
  throw new RingError(
    'INVALID_CONFIG',
    `movementCommand: got ${JSON.stringify(value)}, expected a file that may be executed`,
    {
      hint: 'Give the path of one program, without arguments: a script can hold them.',
      details: { key: 'movementCommand' },
    },
  );
}

/**
 * Runs `path` for each movement: no shell, no arguments, the movement as one line of JSON on its standard input. Exit code
 * 0 is done, everything else a failure whose reason ends with the command's last line on standard error. A line on standard
 * output that is `{"progress":0.4}` or `40%` is its progress; all other lines go to the log. When the movement is cancelled
 * the command, and what it started, get SIGTERM, and `killAfterMs` later SIGKILL; it is over when all have ended.
 */
export function movementCommand(path: string, logger: Logger, killAfterMs = 5_000): RangeMovementHandler {
  return (movement, context) =>
    new Promise((done, fail) => {
      const { [withheld]: _, ...env } = process.env;
      // A process group of its own, so that what the command starts ends with it.
      const child: ChildProcess = spawn(path, [], { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env });
      const whenEnded = killWhenAborted(child, context, killAfterMs);
      child.once('error', (error) => whenEnded(() => fail(error)));
      const { stdin, stdout, stderr } = child;
      // Where the process may open no more files there are no pipes, and the error is about to be told.
      if (!stdin || !stdout || !stderr) return;
      const log = new LineLog(logger.child({ event: 'movementCommand', movementId: movement.id }));
      let lastError = '';
      eachLine(stdout, (line) => {
        const ratio = progressOf(line);
        if (ratio === null) log.write('info', line);
        else context.progress(ratio);
      });
      eachLine(stderr, (line) => {
        lastError = line;
        log.write('warn', line);
      });
      let lastWords: NodeJS.Timeout | undefined;
      child.once('exit', () => {
        const hangUp = (): void => [stdout, stderr].forEach((stream) => void stream.destroy());
        lastWords = setTimeout(hangUp, context.signal.aborted ? killAfterMs : lastWordsMs);
      });
      child.once('close', (code, signal) => {
        clearTimeout(lastWords);
        log.tellLeftOut();
        const how = code === null ? `was killed by ${signal}` : `ended with exit code ${code}`;
        const failure = new Error(`${path} ${how}${lastError === '' ? '' : `: ${lastError}`}`);
        whenEnded(() => (code === 0 ? done() : fail(failure)));
      });
      // A command that does not read its input closes it: no fault of ours, its exit code tells.
      stdin.on('error', () => {});
      stdin.end(`${movementJson(movement)}\n`);
    });
}

/** The movement as the command gets it. Tokens are decimal text, as everywhere in JSON. */
export function movementJson(movement: MovementTask): string {
  const { ranges, ...facts } = movement;
  return JSON.stringify({
    ...facts,
    ranges: ranges.map(({ left, right }) => ({ startToken: String(left), endToken: String(right) })),
  });
}

/** The ratio that a line of output tells, or null for any other line. */
export function progressOf(line: string): number | null {
  const [, percent] = /^\s*(\d{1,3}(?:\.\d+)?)\s*%\s*$/.exec(line) ?? [];
  if (percent !== undefined) return Number(percent) / 100;
  if (!line.trimStart().startsWith('{')) return null;
  try {
    const { progress } = JSON.parse(line) as { progress?: unknown };
    return typeof progress === 'number' ? progress : null;
  } catch {
    return null;
  }
}

/**
 * Ends the command's whole group once its signal is aborted. Returns what to call when the command has ended: it calls back
 * when of a cancelled one nobody is left, who would go on while another is started for the same movement.
 */
function killWhenAborted(
  child: ChildProcess,
  { signal }: MovementContext,
  killAfterMs: number,
): (then: () => void) => void {
  let ending: NodeJS.Timeout | undefined;
  let killed = false;
  const abort = (): void => {
    signalGroup(child, 'SIGTERM');
    ending = setTimeout(() => {
      signalGroup(child, 'SIGKILL');
      killed = true;
    }, killAfterMs);
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return (then) => {
    signal.removeEventListener('abort', abort);
    const look = (): void => {
      if (ending !== undefined && !killed && signalGroup(child, 0)) return void setTimeout(look, lookEveryMs);
      clearTimeout(ending);
      then();
    };
    look();
  };
}

/** Whether there was anybody to get it; 0 only asks. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, signal);
  } catch {
    // All have ended.
    return false;
  }
}
