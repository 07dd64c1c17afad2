import type { Command } from 'commander';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { beginAndFollow, forceHelp } from '../operation-follower.ts';
import { parseReplication, replicationHelp } from '../replication-option.ts';

interface AlterOptions {
  readonly replication: string;
  readonly force?: boolean;
  readonly wait: boolean;
}

/** `ringctl alter KEYSPACE --replication JSON`: another replication for a keyspace that exists. */
export function addAlter(program: Command, io: CliIo): void {
  program
    .command('alter')
    .description('give a keyspace another replication; its data moves with it')
    .argument('<keyspace>')
    .requiredOption('--replication <json>', replicationHelp)
    .option('--force', forceHelp)
    .option('--no-wait', 'return once it has begun')
    .action(async (keyspace: string, options: AlterOptions, command: Command) => {
      const { force = false, wait } = options;
      const body = { keyspace, replication: parseReplication(options.replication), force };
      await beginAndFollow(command, io, { path: paths.alter, body, title: 'Alteration', wait });
    });
}
