import { replicationOfText } from '../api/replication-text.ts';
import type { PutKeyspace } from '../api/schema.ts';
import { RingError } from '../base/error.ts';

const example = `'{"class":"SimpleStrategy","replication_factor":3}'`;

/** What the help says of `--replication <json>`. */
export const replicationHelp = `such as ${example}`;

/** Checks the form alone; classes, factors and datacenters are judged by the node. Throws INVALID_ARGUMENT. */
export function parseReplication(text: string): PutKeyspace['replication'] {
  const replication = replicationOfText(text);
  if (replication !== null) return replication;
  throw new RingError('INVALID_ARGUMENT', `got --replication ${text}, expected a JSON object of strings and numbers`, {
    hint: `Give one such as ${example}.`,
  });
}
