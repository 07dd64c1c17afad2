import { RingError } from '../base/error.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';

/** The open operation in one sentence, for whoever has to wait for it. */
export function describeOpen(open: OpenOperation): string {
  const names = open.subjects.map((subject) => subject.hostId).join(', ');
  return `waiting for the open ${open.kind} ${open.operationId} of ${names}, at ${open.step} since epoch ${open.stepEpoch}`;
}

/** The open operation, if it is the one with this id. Throws RingError UNKNOWN_OPERATION, naming the one that is open. */
export function openOperation(open: OpenOperation | null, operationId: string): OpenOperation {
  if (open?.operationId === operationId) return open;
  throw new RingError('UNKNOWN_OPERATION', `no open operation has the id ${operationId}`, {
    hint: open === null ? 'no operation is open' : `the open operation is ${open.operationId}`,
  });
}

/** True where the subjects own nothing before the operation's `end`. */
export function ofNewcomers({ kind }: OpenOperation): boolean {
  return kind === 'bootstrap' || kind === 'replace';
}
