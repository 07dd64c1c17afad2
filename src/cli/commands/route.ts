import type { Command } from 'commander';
import { paths, pathWith } from '../../api/paths.ts';
import { Route } from '../../api/route.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { routeText } from '../render/route-text.ts';

/** `ringctl route KEY [--keyspace KS]`: where a key belongs, with liveness and pending replicas. */
export function addRoute(program: Command, io: CliIo): void {
  program
    .command('route')
    .description('where a key belongs; without --keyspace, its one owner')
    .argument('<key>')
    .option('--keyspace <name>', 'whose replication counts')
    .action(async (key: string, { keyspace }: { keyspace?: string }, command: Command) => {
      await new CommandContext(command, io).show(pathWith(paths.route, { key, keyspace }), Route, routeText);
    });
}
