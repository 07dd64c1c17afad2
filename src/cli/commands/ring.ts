import type { Command } from 'commander';
import { paths, pathWith } from '../../api/paths.ts';
import { Ring } from '../../api/ring.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { addKeyspace, type KeyspaceOption, keyspaceOf } from '../keyspace-option.ts';
import { ringText } from '../render/ring-text.ts';
import { addAdopt } from './forced.ts';

/** `ringctl ring [KEYSPACE]`: every token and whose it is; and `ringctl ring adopt LINEAGE`. */
export function addRing(program: Command, io: CliIo): void {
  const ring = addKeyspace(program.command('ring'))
    .description('every token, ascending, and whose it is')
    .action(async (positional: string | undefined, options: KeyspaceOption, command: Command) => {
      const keyspace = keyspaceOf(positional, options);
      await new CommandContext(command, io).show(pathWith(paths.ring, { keyspace }), Ring, ringText);
    });
  addAdopt(ring, io);
}
