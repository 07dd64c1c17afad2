import type { Command } from 'commander';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { parseHostId } from '../host-id-argument.ts';
import { beginAndFollow, forceHelp } from '../operation-follower.ts';

/** `ringctl decommission [--force]`: the node that is asked hands its ranges over and leaves for good. */
export function addDecommission(program: Command, io: CliIo): void {
  program
    .command('decommission')
    .description('have the node that is asked hand its ranges over and leave for good')
    .option('--host <host-id>', 'another member than the one that is asked', parseHostId)
    .option('--force', `although fewer replicas than asked for remain, or ${forceHelp}`)
    .option('--no-wait', 'return once it has begun')
    .action(async (options: { host?: string; force?: true; wait: boolean }, command: Command) => {
      const { host: hostId, force = false, wait } = options;
      const body = hostId === undefined ? { force } : { hostId, force };
      await beginAndFollow(command, io, { path: paths.decommission, body, title: 'Decommission', wait });
    });
}
