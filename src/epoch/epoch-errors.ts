import { RingError } from '../base/error.ts';
import type { Fork } from './epoch-effects.ts';
import type { RecordRefusal } from './fold-record.ts';

export function forkedError({ mine, theirs, witness }: Fork): RingError {
  return new RingError(
    'FORKED',
    `the ring has two histories: at epoch ${mine.epoch} ${mine.chainHash} here and ${theirs.chainHash} at ${witness}`,
    {
      hint: 'decide which history stays, and set aside the data directories of the nodes that hold the other',
      details: { lineage: mine.lineage, otherLineage: theirs.lineage, epoch: mine.epoch, witness },
    },
  );
}

export function restoredError(): RingError {
  return new RingError('REFUSED', 'the store of this node is older than what it told others: it votes no more', {
    hint: 'remove this node from the ring, set its data directory aside and let the host join anew',
  });
}

/** What the proposer is told whose record does not follow. */
export function refusalError({ code, reason }: RecordRefusal): RingError {
  const open = code === 'OPERATION_OPEN';
  return new RingError(code, reason, {
    hint: open ? 'wait for it, or abort it' : 'look at the ring and its operations',
  });
}

export function refusedError(message: string, hint: string): RingError {
  return new RingError('REFUSED', message, { hint });
}
