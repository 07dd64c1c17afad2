import type { Command } from 'commander';
import { paths, pathWith } from '../../api/paths.ts';
import { Status } from '../../api/status.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { addKeyspace, type KeyspaceOption, keyspaceOf } from '../keyspace-option.ts';
import { statusText } from '../render/status-text.ts';

/** `ringctl status [KEYSPACE]`: who is there, and how much of the ring each one owns. */
export function addStatus(program: Command, io: CliIo): void {
  addKeyspace(program.command('status'))
    .description('who is there, and how much of the ring each one owns (of the keyspace, if one is named)')
    .action(async (positional: string | undefined, options: KeyspaceOption, command: Command) => {
      const keyspace = keyspaceOf(positional, options);
      await new CommandContext(command, io).show(pathWith(paths.status, { keyspace }), Status, statusText);
    });
}
