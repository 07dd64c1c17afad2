import type { Command } from 'commander';
import { OperationStanding, Operations } from '../api/operations.ts';
import { paths, pathWith } from '../api/paths.ts';
import { OperationBegun } from '../api/ring-change.ts';
import { Status } from '../api/status.ts';
import { RingError } from '../base/error.ts';
import type { CliIo } from './cli-io.ts';
import { CommandContext } from './command-context.ts';
import { ProgressBar } from './progress-bar.ts';
import { progressOf } from './render/operations-text.ts';

const lookMs = 500;
/** A door that leads nowhere must not use up the patience for the others. */
const askMs = 5_000;
/** Nobody answering for so long is the end of following, not of the operation. */
const patienceMs = 30_000;

/** What `--force` passes over where data moves. */
export const forceHelp = 'although ranges have too few live sources: what only the dead ones hold is lost';

/** An operation to begin, in the words of its command. */
export interface Beginning {
  readonly path: string;
  readonly body: object;
  /** Sentences begin with it: `Decommission`. */
  readonly title: string;
  /** False: return once it has begun. */
  readonly wait: boolean;
}

/**
 * Begins an operation and, unless told otherwise, follows it to its close with a bar on a terminal. The node that was asked
 * may be the one that leaves: then another member is asked how it went. Throws what the node refuses with; SUPERSEDED if
 * the operation was aborted, or closed by a forced removal; REFUSED if it stands still because a movement failed: it can
 * be resumed then.
 */
export async function beginAndFollow(command: Command, io: CliIo, beginning: Beginning): Promise<void> {
  const { path, body, title, wait } = beginning;
  const context = new CommandContext(command, io);
  const others = wait ? await otherDoors(context) : [];
  const begun = await context.post(path, OperationBegun, body);
  const { operationId } = begun;
  if (!wait) {
    context.tell(begun, `${title} ${operationId} has begun, as epoch ${begun.epoch}. See ringctl ops.\n`);
    return;
  }
  if (io.stderr.isTTY === true) {
    io.stderr.write(
      `${title} ${operationId} has begun, as epoch ${begun.epoch}. Ctrl-C stops watching, not the operation.\n`,
    );
  }
  const bar = new ProgressBar(io.stderr);
  try {
    const standing = await follow(context, operationId, [null, ...others], bar);
    bar.clear();
    if (standing.outcome !== 'ended') throw undone(title, standing);
    context.tell(standing, `${title} ${operationId} has ended, as epoch ${standing.epoch}.\n`);
  } finally {
    bar.clear();
  }
}

/** Prints the open operations whenever they have moved, until none is open. */
export async function watchOperations(
  context: CommandContext,
  render: (operations: Operations) => string,
): Promise<void> {
  for (let shown = ''; ; ) {
    const operations = await context.ask(paths.ops, Operations);
    const text = render(operations);
    if (text !== shown) context.tell(operations, shown === '' ? text : `\n${text}`);
    shown = text;
    if (operations.operations.length === 0) return;
    await pause();
  }
}

async function follow(
  context: CommandContext,
  operationId: string,
  doors: readonly (string | null)[],
  bar: ProgressBar,
): Promise<OperationStanding> {
  const path = pathWith(paths.operation, { id: operationId });
  let heardMs = performance.now();
  for (let at = 0; ; ) {
    try {
      const standing = await context.ask(path, OperationStanding, doors[at] ?? null, askMs);
      heardMs = performance.now();
      if (standing.operation === null) return standing;
      const { step, participants, waitingFor } = standing.operation;
      const failed = participants.find((participant) => participant.failed !== null);
      if (failed !== undefined) throw stuck(standing, failed.address ?? failed.hostId, failed.failed ?? '');
      bar.show(progressOf(standing.operation), `${step} ${waitingFor[0] ?? ''}`.trimEnd());
    } catch (error) {
      // The node that was asked has left, or this one has not heard of the operation yet, or asks for another token:
      // another one may know.
      if (!(error instanceof RingError) || !(error.retryable || passing.includes(error.code))) throw error;
      if (performance.now() - heardMs > patienceMs) throw lost(operationId, error);
      at = (at + 1) % doors.length;
    }
    await pause();
  }
}

/** Errors that another node, or the same one a moment later, may not have. */
const passing: readonly RingError['code'][] = ['UNKNOWN_OPERATION', 'STOPPED', 'UNAUTHORIZED'];

/** Where else one may ask: members that are not dead. */
async function otherDoors(context: CommandContext): Promise<string[]> {
  const { nodes } = await context.ask(paths.status, Status);
  return nodes.flatMap(({ httpAddress, liveness }) =>
    httpAddress === null || liveness === 'dead' ? [] : [httpAddress],
  );
}

function undone(title: string, { operationId, epoch, outcome }: OperationStanding): RingError {
  const what = `the ${title.toLowerCase()} ${operationId}`;
  if (outcome === 'aborted') {
    return new RingError('SUPERSEDED', `${what} was aborted, as epoch ${epoch}: the ring is as before`, {
      hint: 'Begin it again if it still applies.',
    });
  }
  return new RingError(
    'SUPERSEDED',
    `${what} was closed by a forced removal, and what it had not moved stays unmoved`,
    {
      hint: 'Look at `ringctl history`, and repair the ranges of the removed node from their other replicas.',
    },
  );
}

function stuck({ operationId, kind }: OperationStanding, where: string, why: string): RingError {
  return new RingError('REFUSED', `${kind} ${operationId} stands still, for a movement failed at ${where}: ${why}`, {
    hint: `Mend it and say \`ringctl ops resume ${operationId}\`, or undo it with \`ringctl ops abort ${operationId}\`.`,
  });
}

function lost(operationId: string, cause: RingError): RingError {
  return new RingError('UNAVAILABLE', `no node says how ${operationId} goes on (${cause.message})`, {
    hint: 'It goes on without ringctl: ask a node that is up with `ringctl ops` and `ringctl history`.',
    cause,
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lookMs));
}
