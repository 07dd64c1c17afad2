import { Check } from 'typebox/value';
import { PutKeyspace } from './schema.ts';

/** A replication map that was given as JSON text; null if it has not the form of one. What it means is the node's to judge. */
export function replicationOfText(text: string): PutKeyspace['replication'] | null {
  try {
    const body: unknown = { replication: JSON.parse(text) };
    return Check(PutKeyspace, body) ? body.replication : null;
  } catch {
    return null;
  }
}
