import type { Command } from 'commander';
import { Info } from '../../api/info.ts';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { infoText } from '../render/info-text.ts';

/** `ringctl info`: about the node that answers. */
export function addInfo(program: Command, io: CliIo): void {
  program
    .command('info')
    .description('about the node that answers, alone')
    .option('-T, --tokens', 'show all tokens')
    .action(async (options: { tokens?: true }, command: Command) => {
      await new CommandContext(command, io).show(paths.info, Info, (info) => infoText(info, options.tokens === true));
    });
}
