import type { Command } from 'commander';
import { paths, pathWith } from '../../api/paths.ts';
import { SchemaAgreement } from '../../api/schema-agreement.ts';
import { RingError } from '../../base/error.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { durationOption } from '../duration.ts';
import { schemaAgreementText, whoDiffers } from '../render/schema-agreement-text.ts';

/** The node may use all of `--timeout` itself; this is for the way there and back. */
const wayMs = 5_000;

/** `ringctl schema agree --timeout 30s`: waits until all live members have one schema; exit 1 names who differs. */
export function addSchemaAgree(schema: Command, io: CliIo): void {
  schema
    .command('agree')
    .description('wait until all live members have the same schema; exit code 1 names who differs')
    .addOption(durationOption('--timeout <duration>', 'how long to wait, such as 500ms, 30s, 2m', '30s'))
    .action(async ({ timeout: timeoutMs }: { timeout: number }, command: Command) => {
      const path = pathWith(paths.schemaAgreement, { timeoutMs });
      const context = new CommandContext(command, io);
      const answer = await context.show(path, SchemaAgreement, schemaAgreementText, timeoutMs + wayMs);
      if (answer.agreed) return;
      throw new RingError('DISAGREEMENT', `no schema agreement within ${timeoutMs / 1000} s: ${whoDiffers(answer)}`, {
        hint: 'Wait longer with --timeout, or look at the members named.',
      });
    });
}
