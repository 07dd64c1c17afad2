import type { Command } from 'commander';
import { paths } from '../../api/paths.ts';
import { Adopted, RecordDecided } from '../../api/ring-change.ts';
import { RingError } from '../../base/error.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { parseHostId } from '../host-id-argument.ts';

interface Forced {
  readonly force?: boolean;
}

/** `ringctl assassinate HOSTID --force`: a removal without any movement of data. */
export function addAssassinate(program: Command, io: CliIo): void {
  program
    .command('assassinate')
    .description('remove a node without moving its data; the last resort where removenode cannot end')
    .argument('<host-id>', 'as ringctl status shows it', parseHostId)
    .option('--force', 'yes: what only that node held is lost')
    .action(async (hostId: string, { force = false }: Forced, command: Command) => {
      const context = new CommandContext(command, io);
      if (!force) throw unforced(hostId);
      await assassinate(context, hostId);
    });
}

/** Once it was asked for in so many words: removes a host without moving its data, also without a majority. */
export async function assassinate(context: CommandContext, hostId: string): Promise<void> {
  const decided = await context.post(paths.assassinate, RecordDecided, { hostId, force: true });
  context.tell(decided, `${hostId} is removed, as epoch ${decided.epoch} of lineage ${decided.lineage}.\n`);
}

/** `ringctl readmit HOSTID`: lets a host id that was removed join again. */
export function addReadmit(program: Command, io: CliIo): void {
  program
    .command('readmit')
    .description('let a host id that was removed join again, as a newcomer')
    .argument('<host-id>', 'as ringctl status shows it', parseHostId)
    .option('--force', 'also without a majority of the owners: the ring gets a new lineage')
    .action(async (hostId: string, { force = false }: Forced, command: Command) => {
      const context = new CommandContext(command, io);
      const decided = await context.post(paths.readmit, RecordDecided, { hostId, force });
      context.tell(decided, `${hostId} may join again, as epoch ${decided.epoch} says.\n`);
    });
}

/** `ringctl ring adopt LINEAGE`: ends a fork at the node that is asked. */
export function addAdopt(ring: Command, io: CliIo): void {
  ring
    .command('adopt')
    .description('end a fork: the node that is asked gives up its own history for that of another lineage')
    .argument('<lineage>', 'the one to keep, as ringctl status or history shows it')
    .action(async (lineage: string, _options: object, command: Command) => {
      const context = new CommandContext(command, io);
      const adopted = await context.post(paths.adopt, Adopted, { lineage });
      context.tell(adopted, `The node is at epoch ${adopted.epoch} of lineage ${lineage}.\n`);
    });
}

function unforced(hostId: string): RingError {
  const risks = [
    'moves no data, so what only that node held is lost',
    'where no majority of the owners is alive it gives the ring a new lineage, and owners that live elsewhere show a fork',
  ];
  return new RingError('REFUSED', `assassinate ${hostId} ${risks.join('; ')}`, {
    hint: 'Prefer `ringctl removenode`. If you mean it, say it again with --force.',
  });
}
