import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Logger } from 'pino';
import { RingError } from '../base/error.ts';
import type { MovementContext, MovementTask, RangeMovementHandler } from '../runtime/range-movement-handler.ts';

/** After SIGTERM a command has this long to end before SIGKILL. */
const killAfterMs = 5_000;
/** What comes without a line break is cut into lines of this length. */
const maxLineLength = 8_192;
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
 * the command, and what it started, get SIGTERM, and 5 s later SIGKILL.
 */
export function movementCommand(path: string, logger: Logger): RangeMovementHandler {
  return (movement, context) =>
    new Promise((done, fail) => {
      const { [withheld]: _, ...env } = process.env;
      // A process group of its own, so that what the command starts ends with it.
      const child = spawn(path, [], { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env });
      const log = logger.child({ event: 'movementCommand', movementId: movement.id });
      let lastError = '';
      eachLine(child.stdout, (line) => {
        const ratio = progressOf(line);
        if (ratio === null) log.info(line);
        else context.progress(ratio);
      });
      eachLine(child.stderr, (line) => {
        lastError = line;
        log.warn(line);
      });
      const stopKilling = killWhenAborted(child, context);
      child.once('error', (error) => {
        stopKilling();
        fail(error);
      });
      child.once('close', (code, signal) => {
        stopKilling();
        if (code === 0) return done();
        const how = code === null ? `was killed by ${signal}` : `ended with exit code ${code}`;
        fail(new Error(`${path} ${how}${lastError === '' ? '' : `: ${lastError}`}`));
      });
      // A command that does not read its input closes it: no fault of ours, its exit code tells.
      child.stdin.on('error', () => {});
      child.stdin.end(`${movementJson(movement)}\n`);
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

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const cut = (line: string): void => {
    if (line.trim() !== '') take(line.trimEnd());
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) cut(line.slice(0, maxLineLength));
    for (; rest.length > maxLineLength; rest = rest.slice(maxLineLength)) cut(rest.slice(0, maxLineLength));
  });
  stream.on('end', () => cut(rest));
}

/** Ends the command's whole group once its signal is aborted. Returns how to let it be. */
function killWhenAborted(child: ChildProcess, { signal }: MovementContext): () => void {
  let last: NodeJS.Timeout | undefined;
  const abort = (): void => {
    killGroup(child, 'SIGTERM');
    last = setTimeout(() => killGroup(child, 'SIGKILL'), killAfterMs);
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => {
    signal.removeEventListener('abort', abort);
    clearTimeout(last);
  };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
