import type { Command } from 'commander';
import { paths, pathWith } from '../../api/paths.ts';
import { Plan, type PlanKind } from '../../api/plan.ts';
import { parseToken } from '../../token/token.ts';
import type { CliIo } from '../cli-io.ts';
import { CommandContext } from '../command-context.ts';
import { parseHostId } from '../host-id-argument.ts';
import { planText } from '../render/plan-text.ts';
import { parseReplication, replicationHelp } from '../replication-option.ts';

interface Place {
  readonly datacenter?: string;
  readonly rack?: string;
}

/** `ringctl plan OPERATION …`: what it would move, from whom to whom, and whether it can be done. Changes nothing. */
export function addPlan(program: Command, io: CliIo): void {
  const plan = program.command('plan').description('what an operation would do; changes nothing');
  const show = async (
    command: Command,
    operation: PlanKind,
    parameters: Readonly<Record<string, string | undefined>>,
  ): Promise<void> => {
    const path = pathWith(paths.plan, { operation, ...parameters });
    await new CommandContext(command, io).show(path, Plan, planText);
  };
  plan
    .command('decommission')
    .argument('[host-id]', 'who leaves (default: the node that is asked)', parseHostId)
    .description('a node leaves')
    .action((hostId: string | undefined, _options: object, command: Command) =>
      show(command, 'decommission', { hostId }),
    );
  plan
    .command('move')
    .argument('<token>')
    .option('--host <host-id>', 'whose token (default: that of the node that is asked)', parseHostId)
    .description('a node gets another token')
    .action((token: string, { host }: { host?: string }, command: Command) =>
      show(command, 'move', { token: String(parseToken(token)), hostId: host }),
    );
  const placed = (command: Command): Command =>
    command
      .option('--datacenter <dc>', 'of the new node (default: as that of the node that is asked, or is replaced)')
      .option('--rack <rack>', 'of the new node (default likewise)');
  placed(plan.command('replace'))
    .argument('<host-id>', 'the dead node', parseHostId)
    .description('a new node takes the place of a dead one')
    .action((hostId: string, { datacenter, rack }: Place, command: Command) =>
      show(command, 'replace', { hostId, datacenter, rack }),
    );
  placed(plan.command('add'))
    .option('--tokens <n>', 'how many tokens it gets', '16')
    .description('one more node')
    .action(({ tokens, datacenter, rack }: Place & { tokens: string }, command: Command) =>
      show(command, 'add', { tokens, datacenter, rack }),
    );
  plan
    .command('removenode')
    .argument('<host-id>', 'the dead node', parseHostId)
    .description('a dead node is removed')
    .action((hostId: string, _options: object, command: Command) => show(command, 'removenode', { hostId }));
  plan
    .command('alter')
    .argument('<keyspace>')
    .requiredOption('--replication <json>', replicationHelp)
    .description('a keyspace gets another replication')
    .action((keyspace: string, { replication }: { replication: string }, command: Command) =>
      show(command, 'alter', { keyspace, replication: JSON.stringify(parseReplication(replication)) }),
    );
}
