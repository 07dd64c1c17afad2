import type { Command } from 'commander';
import { paths } from '../../api/paths.ts';
import { NodeTold } from '../../api/ring-change.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { durationOption } from '../duration.ts';

/** `ringctl join`: an observer becomes an owner. */
export function addJoin(program: Command, io: CliIo): void {
  program
    .command('join')
    .description('have the node that is asked join, if it was started with --no-join')
    .action(async (_options: object, command: Command) => {
      const context = new CommandContext(command, io);
      const told = await context.post(paths.join, NodeTold, {});
      context.tell(told, `${told.hostId} joins. See ringctl ops.\n`);
    });
}

/** `ringctl drain`: the node serves no more, and may be stopped. */
export function addDrain(program: Command, io: CliIo): void {
  program
    .command('drain')
    .description('have the node that is asked serve no more, before it is stopped; it still gossips and votes')
    .action(async (_options: object, command: Command) => {
      const context = new CommandContext(command, io);
      const told = await context.post(paths.drain, NodeTold, {});
      context.tell(told, `${told.hostId} is drained. Stop it now, or restart it to serve again.\n`);
    });
}

/** `ringctl planrestart`: until the node is back, it is shown as restarting. */
export function addPlanRestart(program: Command, io: CliIo): void {
  program
    .command('planrestart')
    .description(
      'announce that the node that is asked is about to restart; until then readers ask other replicas first',
    )
    .addOption(durationOption('--lease <duration>', 'when it will be back at the latest, such as 90s, 5m', '2m'))
    .action(async ({ lease: leaseMs }: { lease: number }, command: Command) => {
      const context = new CommandContext(command, io);
      const told = await context.post(paths.planRestart, NodeTold, { leaseMs });
      context.tell(told, `${told.hostId} will be back within ${leaseMs / 1_000} s. Restart it now.\n`);
    });
}
