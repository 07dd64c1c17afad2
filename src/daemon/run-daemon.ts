import { RingError, type RingErrorCode } from '../base/error.ts';
import type { NodeOptions } from '../runtime/node-options.ts';
import { type DaemonRequest, readDaemonOptions } from './daemon-options.ts';
import { type DaemonLog, openLog } from './logging.ts';
import { movementCommand } from './movement-command.ts';
import { withOrigin } from './setting-layer.ts';

/** What murmurd needs of a running node; `MurmuringNode` is one. */
export interface RunningNode {
  readonly hostId: string;
  readonly gossipAddress: string;
  readonly httpAddress: string | null;
  readonly stopped: Promise<RingError | null>;
  stop(): Promise<void>;
}

/** What murmurd touches outside itself; a test gives its own. `process` is one. */
export interface DaemonProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  on(event: 'uncaughtExceptionMonitor', listener: (error: Error) => void): unknown;
  exit(code: number): unknown;
}

export interface DaemonParts {
  readonly version: string;
  readonly start: (options: NodeOptions) => Promise<RunningNode>;
  readonly openLog?: typeof openLog;
}

/** 0: stopped as asked. 1: refused, or stopped by itself. 2: wrong usage, the same settings can never start. */
export type DaemonExitCode = 0 | 1 | 2;

const wrongUsage: readonly RingErrorCode[] = ['INVALID_ARGUMENT', 'INVALID_CONFIG', 'INVALID_ADDRESS', 'INSECURE'];

/**
 * Runs one node until it stops, and answers the exit code. Never rejects. What prevents a start is one line on standard
 * error, message and hint, and one line in the log if the settings were good enough to open one.
 */
export async function runDaemon(
  argv: readonly string[],
  host: DaemonProcess,
  parts: DaemonParts,
): Promise<DaemonExitCode> {
  let request: DaemonRequest;
  try {
    request = readDaemonOptions(argv, host.env, parts.version);
  } catch (error) {
    return complain(host, error);
  }
  if (request.kind === 'print') {
    host.stdout.write(request.text);
    return 0;
  }
  const { logLevel, cluster } = request.resolved;
  const log = (parts.openLog ?? openLog)(logLevel, cluster, host.stdout.isTTY === true);
  for (const warning of request.warnings) log.logger.warn({ event: 'unwise' }, warning);
  host.on('uncaughtExceptionMonitor', (error) => {
    log.logger.fatal({ event: 'crashed', err: error }, 'a defect: the process ends');
    log.flush();
  });
  try {
    const { options, movementCommand: path } = request;
    const moving = path === null ? options : { ...options, onRangeMovement: movementCommand(path, log.logger) };
    return await runNode(moving, host, parts, log);
  } catch (thrown) {
    const error = withOrigin(thrown, request.layer);
    log.logger.fatal({ event: 'failed', ...factsOf(error) }, messageOf(error));
    return complain(host, error);
  } finally {
    log.flush();
  }
}

async function runNode(
  options: NodeOptions,
  host: DaemonProcess,
  parts: DaemonParts,
  log: DaemonLog,
): Promise<DaemonExitCode> {
  const stopping = stopOnSignal(host, log);
  let node: RunningNode;
  try {
    node = await parts.start({ ...options, logger: log.logger, signal: stopping });
  } catch (error) {
    if (!stopping.aborted) throw error;
    log.logger.info({ event: 'stopped' }, 'stopped before the node had joined');
    return 0;
  }
  sayReady(log, node);
  const stop = (): void =>
    void node.stop().catch((error: unknown) => log.logger.error({ err: error }, 'not a clean stop'));
  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop, { once: true });
  const reason = await node.stopped;
  // `stop` goes on after `stopped` is settled; called again it answers when all is closed.
  await node.stop().catch(() => {});
  if (reason !== null) throw reason;
  log.logger.info({ event: 'stopped' }, 'the node has stopped');
  return 0;
}

/** Aborted by the first SIGTERM or SIGINT; a second one of either ends the process at once. */
function stopOnSignal(host: DaemonProcess, log: DaemonLog): AbortSignal {
  const controller = new AbortController();
  const signals = [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const;
  for (const [signal, exitCode] of signals) {
    host.on(signal, () => {
      if (controller.signal.aborted) {
        log.flush();
        host.exit(exitCode);
        return;
      }
      log.logger.info({ event: 'stopping', signal }, `${signal}: stopping; once more stops at once`);
      controller.abort();
    });
  }
  return controller.signal;
}

/** For programs that wait for it, so it comes whatever the log level is. */
function sayReady({ logger }: DaemonLog, { hostId, gossipAddress, httpAddress }: RunningNode): void {
  logger
    .child({}, { level: 'info' })
    .info({ event: 'ready', hostId, gossipAddress, httpAddress }, `ready at ${gossipAddress}`);
}

function complain(host: DaemonProcess, error: unknown): DaemonExitCode {
  const sentence = messageOf(error)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[.\s]+$/, '');
  const hint = error instanceof RingError && error.hint !== null ? ` ${asSentence(error.hint)}` : '';
  host.stderr.write(`murmurd: ${sentence}.${hint}\n`);
  return error instanceof RingError && wrongUsage.includes(error.code) ? 2 : 1;
}

function asSentence(hint: string): string {
  const sentence = hint[0]!.toUpperCase() + hint.slice(1);
  return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function factsOf(error: unknown): object {
  return error instanceof RingError ? { code: error.code, hint: error.hint, details: error.details } : { err: error };
}
