import { quorumOf, requiredAcks } from './quorum.ts';
import { gainedBy } from './replica-change.ts';
import { noReplicas } from './replica-table.ts';
import type { RingMember } from './ring-member.ts';

/** How far an open operation has come: see `keyAccess`. */
export type RingStep = 'begin' | 'switch';

/** Who is read and who is written for the keys of one range. Immutable and shared. */
export interface KeyAccess {
  /** Who is read, in Cassandra's order, the primary first; they are written too. */
  readonly replicas: readonly RingMember[];
  /** Who must be written besides, because the open operation makes it a replica, or has not ended for it. */
  readonly pending: readonly RingMember[];
  /** Who is written: `replicas`, then `pending`. */
  readonly writeReplicas: readonly RingMember[];
  /** How many of `replicas` must answer a quorum read. */
  readonly requiredReads: number;
  /** How many of `writeReplicas`, whichever they are, must acknowledge a quorum write. */
  readonly requiredWriteAcks: number;
}

/**
 * Read and write set of a range by the step of the open operation, so that a quorum reader never misses an acknowledged
 * quorum write while the two are at most one step apart:
 *
 *     no operation, or before begin   read old   write old
 *     begin                           read old   write old and new
 *     switch                          read new   write old and new
 *     after end                       read new   write new
 *
 * What was written before `begin` is carried over by the range movements, which begin behind the first barrier
 * (`barrier-needs.ts`), and read nobody who has not acknowledged `begin`. Cassandra reads old and writes both until the
 * operation is over, then changes both at once.
 */
export function keyAccess(
  natural: readonly RingMember[],
  future: readonly RingMember[],
  step: RingStep | null,
): KeyAccess {
  const [replicas, others] = step === 'switch' ? [future, natural] : [natural, future];
  const gained = gainedBy(replicas, others);
  const pending = gained.length === 0 ? noReplicas : Object.freeze(gained);
  const writeReplicas = gained.length === 0 ? replicas : Object.freeze([...replicas, ...gained]);
  return {
    replicas,
    pending,
    writeReplicas,
    requiredReads: quorumOf(replicas.length),
    requiredWriteAcks: requiredAcks(natural.length, future.length, writeReplicas.length),
  };
}
