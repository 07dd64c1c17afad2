import type { Command } from 'commander';
import { GossipInfo } from '../../api/gossip-info.ts';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { gossipInfoText } from '../render/gossip-info-text.ts';

/** `ringctl gossipinfo`: all that gossip says of every node. */
export function addGossipInfo(program: Command, io: CliIo): void {
  program
    .command('gossipinfo')
    .description('all that gossip says of every node')
    .action(async (_options: object, command: Command) => {
      await new CommandContext(command, io).show(paths.gossipInfo, GossipInfo, gossipInfoText);
    });
}
