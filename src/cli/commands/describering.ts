import type { Command } from 'commander';
import { DescribeRing } from '../../api/describe-ring.ts';
import { paths, pathWith } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { describeRingText } from '../render/describe-ring-text.ts';

/** `ringctl describering KEYSPACE`: every range and its replicas. */
export function addDescribeRing(program: Command, io: CliIo): void {
  program
    .command('describering')
    .description('every token range of a keyspace and its replicas')
    .argument('<keyspace>')
    .action(async (keyspace: string, _options: object, command: Command) => {
      const path = pathWith(paths.describeRing, { keyspace });
      await new CommandContext(command, io).show(path, DescribeRing, describeRingText);
    });
}
