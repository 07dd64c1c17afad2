import type { TokenRange } from './replica-store.ts';
import type { Entry, VersionedValue } from './versioned-value.ts';

/** The replica knows a newer ring that touches the key: who asked must route anew. */
export class StaleRoute extends Error {
  override readonly name = 'StaleRoute';
}

/** How one node asks another, a replica at `address`. Each rejects with `StaleRoute`, or with why there was no answer. */
export interface ReplicaDoor {
  write(address: string, entry: Entry, epoch: number): Promise<void>;
  read(address: string, key: string, epoch: number): Promise<VersionedValue | null>;
  /** All that a source holds of some ranges, in batches. */
  pull(address: string, ranges: readonly TokenRange[], signal: AbortSignal): AsyncIterable<Entry[]>;
}

/** A replica that does not answer within this is taken for silent. */
const answerMs = 2_000;

/** The replicas' HTTP, spoken from the asking side (`replica-routes.ts` is the other). */
export const httpReplicaDoor: ReplicaDoor = {
  async write(address, { key, version }, epoch) {
    await ask(address, `/replica/${encodeURIComponent(key)}?epoch=${epoch}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(version),
    });
  },

  async read(address, key, epoch) {
    const answer = await ask(address, `/replica/${encodeURIComponent(key)}?epoch=${epoch}`, {});
    return (await answer.json()) as VersionedValue | null;
  },

  async *pull(address, ranges, signal) {
    for (const { left, right } of ranges) {
      const path = `/range?left=${left}&right=${right}`;
      const answer = await ask(address, path, { signal });
      let rest = '';
      for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        if (lines.length > 0) yield lines.map((line) => JSON.parse(line) as Entry);
      }
      // A source ends with an empty line: one that died in the middle must not pass for one that had no more.
      if (rest !== '.') throw new Error(`${address} broke off in the middle of a range`);
    }
  },
};

async function ask(address: string, path: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(answerMs), ...init });
  if (answer.ok) return answer;
  const text = await answer.text();
  if (answer.status === 409) throw new StaleRoute(`${address}: ${text}`);
  throw new Error(`${address} answered ${answer.status}: ${text}`);
}
