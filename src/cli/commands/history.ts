import type { Command } from 'commander';
import { History } from '../../api/history.ts';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { historyText } from '../render/history-text.ts';

/** `ringctl history`: the ring records that the node keeps, oldest first. */
export function addHistory(program: Command, io: CliIo): void {
  program
    .command('history')
    .description('the ring records that the node keeps, oldest first')
    .action(async (_options: object, command: Command) => {
      await new CommandContext(command, io).show(paths.history, History, historyText);
    });
}
