import { type HostId, randomUuid } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import { type RingRecord, zeroChainHash } from './ring-record.ts';
import { type RingState, votersOf } from './ring-state.ts';

/** A record as its proposer words it; the register adds where in the history it stands, by whom and when. */
export type RecordDraft = Omit<RingRecord, 'epoch' | 'lineage' | 'previous' | 'proposer' | 'proposedAtMs'>;

/** What every draft says; the rest is of some kinds only. */
type DraftWords = Pick<RecordDraft, 'kind' | 'operationId' | 'schemaVersion'> & Partial<RecordDraft>;

/** A draft, with nothing where the words say nothing. */
export function draftOf(words: DraftWords): RecordDraft {
  return { operation: null, subjects: [], replaces: null, strict: true, found: null, alter: null, ...words };
}

/** The draft as the record after `state`; with no state, or forced, as the first of a new lineage. */
export function recordOf(
  draft: RecordDraft,
  state: RingState | null,
  by: { readonly hostId: HostId; readonly random: Random },
  wallMs: number,
  forced = false,
): RingRecord {
  return {
    ...draft,
    epoch: (state?.epoch ?? 0) + 1,
    lineage: forced || state === null ? randomUuid(by.random) : state.lineage,
    previous: state?.chainHash ?? zeroChainHash,
    proposer: by.hostId,
    proposedAtMs: wallMs,
  };
}

/** Whom a record concerns when it follows `state`: all voters, and the subjects of it and of the open operation. */
export function concernedBy(record: RingRecord, state: RingState): Set<HostId> {
  const subjects = [...record.subjects, ...(state.operation?.subjects ?? [])];
  return new Set([...votersOf(state), ...subjects.map((subject) => subject.hostId)]);
}
