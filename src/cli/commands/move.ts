import type { Command } from 'commander';
import { paths } from '../../api/paths.ts';
import { parseToken } from '../../token/token.ts';
import type { CliIo } from '../cli-io.ts';
import { beginAndFollow, forceHelp } from '../operation-follower.ts';

/** `ringctl move TOKEN`: the node that is asked, which has one token, gets another one. */
export function addMove(program: Command, io: CliIo): void {
  program
    .command('move')
    .description('give the node that is asked, which has one token, another one')
    .argument('<token>', 'from -9223372036854775807 to 9223372036854775807')
    .option('--force', forceHelp)
    .option('--no-wait', 'return once it has begun')
    .action(async (token: string, { force = false, wait }: { force?: boolean; wait: boolean }, command: Command) => {
      const body = { token: String(parseToken(token)), force };
      await beginAndFollow(command, io, { path: paths.move, body, title: 'Move', wait });
    });
}
