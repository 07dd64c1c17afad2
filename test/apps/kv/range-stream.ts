import { setTimeout as sleep } from 'node:timers/promises';
import type { RangeMovementHandler } from 'murmuring';
import { keyspace } from './keyspace.ts';
import type { ReplicaDoor } from './replica-door.ts';
import type { ReplicaStore } from './replica-store.ts';

/** A source that is not to be reached is asked again after this. */
const againMs = 200;
/** So often a source is asked in vain before the movement fails, and waits for an operator. */
const attempts = 100;

/**
 * Moves data when ranges change hands: who gains a range pulls it from **all** sources and merges; who loses one has
 * nothing to do, for what it keeps too long harms nobody. Pulling twice changes nothing, so a movement that is told again
 * after a crash simply runs again. `addressOf` is asked before each attempt: a source may come back somewhere else.
 */
export function rangeStream(
  store: ReplicaStore,
  door: ReplicaDoor,
  addressOf: (hostId: string) => string | null,
): RangeMovementHandler {
  return async (movement, { signal, progress }) => {
    if (movement.role === 'lose' || movement.keyspace !== keyspace) return;
    for (const [index, { hostId }] of movement.sources.entries()) {
      const pull = async (): Promise<void> => {
        const address = addressOf(hostId);
        if (address === null) throw new Error(`${hostId} has not said where it listens`);
        for await (const entries of door.pull(address, movement.ranges, signal)) {
          await store.merge(entries);
        }
      };
      await insist(pull, signal);
      progress((index + 1) / movement.sources.length);
    }
  };
}

async function insist(pull: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await pull();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === attempts) throw error;
      await sleep(againMs, undefined, { signal });
    }
  }
}
