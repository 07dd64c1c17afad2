import type { Command } from 'commander';
import { Operations } from '../../api/operations.ts';
import { paths, pathWith } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { watchOperations } from '../operation-follower.ts';
import { operationsText } from '../render/operations-text.ts';

/** `ringctl ops`, `ops abort ID` and `ops resume ID`: the ring operation that is open, and the ways out of it. */
export function addOps(program: Command, io: CliIo): void {
  const ops = program
    .command('ops')
    .description('the ring operations that are open, and what they wait for')
    .option('--watch', 'show them again whenever they have moved, until none is open')
    .action(async ({ watch = false }: { watch?: boolean }, command: Command) => {
      const context = new CommandContext(command, io);
      if (watch) await watchOperations(context, operationsText);
      else await context.show(paths.ops, Operations, operationsText);
    });
  ops
    .command('abort')
    .description('abort an operation, before its first switch')
    .argument('<id>', 'operation id, as ringctl ops shows it')
    .action(async (id: string, _options: object, command: Command) => {
      const done = `Operation ${id} is no longer open.\n`;
      await new CommandContext(command, io).change('POST', pathWith(paths.abortOperation, { id }), null, done);
    });
  ops
    .command('resume')
    .description('have every participant of an operation try again what failed')
    .argument('<id>', 'operation id, as ringctl ops shows it')
    .action(async (id: string, _options: object, command: Command) => {
      const done = `Operation ${id} goes on. See ringctl ops --watch.\n`;
      await new CommandContext(command, io).change('POST', pathWith(paths.resumeOperation, { id }), null, done);
    });
}
