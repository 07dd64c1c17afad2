import type { Command } from 'commander';
import { paths } from '../../api/paths.ts';
import { Schema } from '../../api/schema.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { schemaText } from '../render/schema-text.ts';

/** `ringctl schema show`: all definitions. Documents are named here, and printed whole with `--json`. */
export function addSchemaShow(schema: Command, io: CliIo): void {
  schema
    .command('show')
    .description('all keyspaces and documents (their text: --json)')
    .action(async (_options: object, command: Command) => {
      await new CommandContext(command, io).show(paths.schema, Schema, schemaText);
    });
}
