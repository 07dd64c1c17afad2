import type { Command } from 'commander';
import { Operations } from '../../api/operations.ts';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { parseHostId } from '../host-id-argument.ts';
import { beginAndFollow } from '../operation-follower.ts';
import { operationsText } from '../render/operations-text.ts';
import { assassinate } from './forced.ts';

/** `ringctl removenode HOSTID`, `removenode HOSTID --force` (assassinate) and `removenode status`, as nodetool has them. */
export function addRemoveNode(program: Command, io: CliIo): void {
  program
    .command('removenode')
    .description('remove a dead node for good: the others fetch what it had from one another')
    .argument('<host-id>', 'of the dead node; or "status", which shows the removal that is open', (text) =>
      text === 'status' ? text : parseHostId(text),
    )
    .option('--force', 'without moving its data, as assassinate does: what only that node held is lost')
    .option('--no-wait', 'return once it has begun')
    .action(async (hostId: string, options: { force?: true; wait: boolean }, command: Command) => {
      if (hostId === 'status') {
        await new CommandContext(command, io).show(paths.ops, Operations, removalsText);
        return;
      }
      if (options.force === true) return assassinate(new CommandContext(command, io), hostId);
      const { wait } = options;
      await beginAndFollow(command, io, { path: paths.removeNode, body: { hostId }, title: 'Removal', wait });
    });
}

function removalsText(all: Operations): string {
  const operations = all.operations.filter(({ kind }) => kind === 'removenode');
  return operations.length === 0 ? 'No removal is open.\n' : operationsText({ ...all, operations });
}
