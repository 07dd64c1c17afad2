import type { Command } from 'commander';
import { Endpoints } from '../../api/endpoints.ts';
import { paths, pathWith } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { endpointsText } from '../render/endpoints-text.ts';

/** `ringctl getendpoints KEYSPACE KEY`: the replicas of a key. nodetool's table has no meaning here. */
export function addGetEndpoints(program: Command, io: CliIo): void {
  program
    .command('getendpoints')
    .description('the natural replicas of a key, the primary first, one address a line')
    .argument('<keyspace>')
    .argument('<key>')
    .action(async (keyspace: string, key: string, _options: object, command: Command) => {
      const path = pathWith(paths.getEndpoints, { keyspace, key });
      await new CommandContext(command, io).show(path, Endpoints, endpointsText);
    });
}
