import { setTimeout as sleep } from 'node:timers/promises';
import { httpReplicaDoor, type ReplicaDoor } from '../kv/replica-door.ts';

/** What goes wrong between coordinators and replicas. */
export interface DoorFaults {
  /** Share of writes and reads that are lost on their way, 0 to 1. */
  readonly dropRatio: number;
  /** Each write waits up to this long before it leaves. */
  readonly maxDelayMs: number;
}

/**
 * The replicas' door where some requests are lost and some are late: so that a quorum is often no more than a quorum, and a
 * write is on its way while the ring changes.
 */
export function lossyDoor(faults: () => DoorFaults, fraction: () => number): ReplicaDoor {
  const suffer = async (): Promise<void> => {
    const { dropRatio, maxDelayMs } = faults();
    const dropped = fraction() < dropRatio;
    const delayMs = fraction() * maxDelayMs;
    if (delayMs >= 1) await sleep(delayMs);
    if (dropped) throw new Error('lost on the way');
  };
  return {
    async write(address, entry, epoch) {
      await suffer();
      return httpReplicaDoor.write(address, entry, epoch);
    },
    async read(address, key, epoch) {
      await suffer();
      return httpReplicaDoor.read(address, key, epoch);
    },
    pull: httpReplicaDoor.pull,
  };
}
