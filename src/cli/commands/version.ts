import type { Command } from 'commander';
import { Info } from '../../api/info.ts';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { printable } from '../render/quantities.ts';

/** `ringctl version`: the node's, as in nodetool; `ringctl --version` is its own. With `--json` it prints `/v1/info`. */
export function addVersion(program: Command, io: CliIo): void {
  program
    .command('version')
    .description("the node's version (--version: that of ringctl itself)")
    .action(async (_options: object, command: Command) => {
      await new CommandContext(command, io).show(
        paths.info,
        Info,
        (info) => `ReleaseVersion: ${printable(info.releaseVersion)}\n`,
      );
    });
}
