import type { Command } from 'commander';
import { DescribeCluster } from '../../api/describe-cluster.ts';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { describeClusterText } from '../render/describe-cluster-text.ts';

/** `ringctl describecluster`: whether all agree on schema and ring, who is unreachable, and the keyspaces. */
export function addDescribeCluster(program: Command, io: CliIo): void {
  program
    .command('describecluster')
    .description('whether all agree on schema and ring, who is unreachable, and the keyspaces')
    .action(async (_options: object, command: Command) => {
      await new CommandContext(command, io).show(paths.describeCluster, DescribeCluster, describeClusterText);
    });
}
