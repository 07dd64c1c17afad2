import type { Command } from 'commander';
import { paths, pathWith } from '../../api/paths.ts';
import { Why } from '../../api/why.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { whyText } from '../render/why-text.ts';

/** `ringctl why NODE`: why a node is held for alive, suspect or dead. */
export function addWhy(program: Command, io: CliIo): void {
  program
    .command('why')
    .description('why a node is held for alive, suspect or dead: who accused it, when')
    .argument('<node>', 'its host id or address')
    .action(async (node: string, _options: object, command: Command) => {
      await new CommandContext(command, io).show(pathWith(paths.why, { node }), Why, whyText);
    });
}
