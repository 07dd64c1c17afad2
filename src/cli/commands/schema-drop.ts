import type { Command } from 'commander';
import { paths, pathWith } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';

/** `ringctl schema drop keyspace NAME` and `ringctl schema drop document NAME`. */
export function addSchemaDrop(schema: Command, io: CliIo): void {
  const drop = schema.command('drop').description('drop a definition');
  const kinds = [
    ['keyspace', 'Keyspace', paths.schemaKeyspace],
    ['document', 'Document', paths.schemaDocument],
  ] as const;
  for (const [kind, title, path] of kinds) {
    drop
      .command(kind)
      .description(`drop a ${kind}`)
      .argument('<name>')
      .action(async (name: string, _options: object, command: Command) => {
        const done = `${title} ${name} is dropped.\n`;
        await new CommandContext(command, io).change('DELETE', pathWith(path, { name }), null, done);
      });
  }
}
