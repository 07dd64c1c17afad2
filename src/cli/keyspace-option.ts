import type { Command } from 'commander';
import { RingError } from '../base/error.ts';

export interface KeyspaceOption {
  readonly keyspace?: string;
}

/** A keyspace as nodetool takes it, an argument, or as `--keyspace`: for commands that do without one as well. */
export function addKeyspace(command: Command): Command {
  return command
    .argument('[keyspace]', 'the same as --keyspace')
    .option('--keyspace <name>', 'whose replication counts');
}

/** The keyspace that was named, in whichever way, or null. Throws INVALID_ARGUMENT for two different ones. */
export function keyspaceOf(positional: string | undefined, { keyspace }: KeyspaceOption): string | null {
  if (positional !== undefined && keyspace !== undefined && positional !== keyspace) {
    throw new RingError('INVALID_ARGUMENT', `got keyspaces ${positional} and ${keyspace}, expected one`, {
      hint: 'Name the keyspace once.',
    });
  }
  return keyspace ?? positional ?? null;
}
