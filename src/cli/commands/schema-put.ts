import type { Command } from 'commander';
import { paths, pathWith } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { parseReplication, replicationHelp } from '../replication-option.ts';
import { readTextFile } from '../text-file.ts';

/** `ringctl schema put keyspace NAME --replication JSON` and `ringctl schema put document NAME FILE`. */
export function addSchemaPut(schema: Command, io: CliIo): void {
  const put = schema.command('put').description('add or replace a definition');
  put
    .command('keyspace')
    .description('add a keyspace')
    .argument('<name>')
    .requiredOption('--replication <json>', replicationHelp)
    .action(async (name: string, options: { replication: string }, command: Command) => {
      const text = JSON.stringify({ replication: parseReplication(options.replication) });
      const body = { contentType: 'application/json', text } as const;
      await new CommandContext(command, io).change(
        'PUT',
        pathWith(paths.schemaKeyspace, { name }),
        body,
        `Keyspace ${name} is defined.\n`,
      );
    });
  put
    .command('document')
    .description('add or replace a document of the application')
    .argument('<name>')
    .argument('<file>', 'a text file, UTF-8')
    .action(async (name: string, file: string, _options: object, command: Command) => {
      const body = { contentType: 'text/plain', text: readTextFile(file, 'document') } as const;
      await new CommandContext(command, io).change(
        'PUT',
        pathWith(paths.schemaDocument, { name }),
        body,
        `Document ${name} is defined.\n`,
      );
    });
}
