import type { Command } from 'commander';
import { FailureDetector } from '../../api/failure-detector.ts';
import { paths } from '../../api/paths.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { failureDetectorText } from '../render/failure-detector-text.ts';

/** `ringctl failuredetector`: how the node sees every other one. */
export function addFailureDetector(program: Command, io: CliIo): void {
  program
    .command('failuredetector')
    .description('how the node sees every other one')
    .action(async (_options: object, command: Command) => {
      await new CommandContext(command, io).show(paths.failureDetector, FailureDetector, failureDetectorText);
    });
}
