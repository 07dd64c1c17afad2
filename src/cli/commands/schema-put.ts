import type { Command } from 'commander';
import { Check } from 'typebox/value';
import { paths, pathWith } from '../../api/paths.ts';
import { PutKeyspace } from '../../api/schema.ts';
import { RingError } from '../../base/error.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { readTextFile } from '../text-file.ts';

/** `ringctl schema put keyspace NAME --replication JSON` and `ringctl schema put document NAME FILE`. */
export function addSchemaPut(schema: Command, io: CliIo): void {
  const put = schema.command('put').description('add or replace a definition');
  put
    .command('keyspace')
    .description('add a keyspace')
    .argument('<name>')
    .requiredOption('--replication <json>', `such as '{"class":"SimpleStrategy","replication_factor":3}'`)
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

/** Checks the form alone; classes, factors and datacenters are judged by the node. Throws INVALID_ARGUMENT. */
function parseReplication(text: string): PutKeyspace['replication'] {
  let replication: unknown;
  try {
    replication = JSON.parse(text);
  } catch {
    replication = undefined;
  }
  const body = { replication };
  if (Check(PutKeyspace, body)) return body.replication;
  throw new RingError('INVALID_ARGUMENT', `got --replication ${text}, expected a JSON object of strings and numbers`, {
    hint: `Give one such as '{"class":"SimpleStrategy","replication_factor":3}'.`,
  });
}
