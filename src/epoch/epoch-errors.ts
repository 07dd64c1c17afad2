import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { Fork } from './epoch-effects.ts';
import { foldRecord, isRefusal } from './fold-record.ts';
import type { RingRecord } from './ring-record.ts';
import type { RingState } from './ring-state.ts';

export function forkedError({ mine, theirs, witness }: Fork): RingError {
  return new RingError(
    'FORKED',
    `the ring has two histories: at epoch ${mine.epoch} ${mine.chainHash} here and ${theirs.chainHash} at ${witness}`,
    {
      hint: 'decide which history stays, and run `ringctl ring adopt` with its lineage on the nodes that hold the other',
      details: { lineage: mine.lineage, otherLineage: theirs.lineage, epoch: mine.epoch, witness },
    },
  );
}

/** What proposals are told that were made on a history which was given up. */
export function adoptedError(): RingError {
  return refusedError('another history was adopted', 'look at the ring, and try again');
}

export function restoredError(): RingError {
  return new RingError('REFUSED', 'the store of this node is older than what it told others: it votes no more', {
    hint: 'remove this node from the ring, set its data directory aside and let the host join anew',
  });
}

/** Why a record cannot be proposed here, or null. */
export function proposalError(
  at: {
    readonly hostId: HostId;
    readonly state: RingState | null;
    readonly fork: Fork | null;
    readonly restored: boolean;
    readonly founding: boolean;
  },
  record: RingRecord,
): RingError | null {
  const { hostId, state, fork, restored, founding } = at;
  if (fork !== null) return forkedError(fork);
  if (restored) return restoredError();
  if (founding) return refusedError('this node is founding a cluster', 'wait for it');
  if (state !== null && !state.members.has(hostId)) {
    return refusedError(`${hostId} is no member of the ring`, 'ask a member to propose');
  }
  return foldError(state, record);
}

/** What the proposer is told whose record does not follow; null if it does. */
export function foldError(state: RingState | null, record: RingRecord): RingError | null {
  const next = foldRecord(state, record);
  if (!isRefusal(next)) return null;
  const open = next.code === 'OPERATION_OPEN';
  const hint = open ? 'wait for it, or abort it' : 'look at the ring and its operations';
  return new RingError(next.code, next.reason, { hint });
}

export function damagedError(reason: string): RingError {
  return new RingError('STORE_DAMAGED', `the stored ring records do not follow one another: ${reason}`, {
    hint: 'set the data directory aside and let this host join anew',
  });
}

export function refusedError(message: string, hint: string): RingError {
  return new RingError('REFUSED', message, { hint });
}
