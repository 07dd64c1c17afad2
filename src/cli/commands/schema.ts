import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addSchemaAgree } from './schema-agree.ts';
import { addSchemaDrop } from './schema-drop.ts';
import { addSchemaPut } from './schema-put.ts';
import { addSchemaShow } from './schema-show.ts';

/** `ringctl schema …`. */
export function addSchema(program: Command, io: CliIo): void {
  const schema = program.command('schema').description('the schema: show, put, drop, agree');
  addSchemaShow(schema, io);
  addSchemaPut(schema, io);
  addSchemaDrop(schema, io);
  addSchemaAgree(schema, io);
}
