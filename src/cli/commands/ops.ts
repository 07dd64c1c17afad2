import type { Command } from 'commander';
import { Operations } from '../../api/operations.ts';
import { paths, pathWith } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { operationsText } from '../render/operations-text.ts';

/** `ringctl ops` and `ringctl ops abort ID`: the ring operation that is open, and the way out of it. */
export function addOps(program: Command, io: CliIo): void {
  const ops = program
    .command('ops')
    .description('the ring operations that are open, and what they wait for')
    .action(async (_options: object, command: Command) => {
      await new CommandContext(command, io).show(paths.ops, Operations, operationsText);
    });
  ops
    .command('abort')
    .description('abort an operation before its switch, or end a bootstrap after it')
    .argument('<id>', 'operation id, as ringctl ops shows it')
    .action(async (id: string, _options: object, command: Command) => {
      const done = `Operation ${id} is no longer open.\n`;
      await new CommandContext(command, io).change('POST', pathWith(paths.abortOperation, { id }), null, done);
    });
}
