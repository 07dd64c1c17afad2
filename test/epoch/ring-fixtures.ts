import type { HostId } from '../../src/base/id.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { RecordDraft } from '../../src/epoch/epoch-register.ts';
import { foldRecord, isRefusal } from '../../src/epoch/fold-record.ts';
import { recordOf } from '../../src/epoch/record-draft.ts';
import type { OperationKind, RecordSubject, RingRecord } from '../../src/epoch/ring-record.ts';
import type { RingState } from '../../src/epoch/ring-state.ts';

/** A readable UUID for host (or operation) number `n`. */
export const uuid = (n: number, kind = 0): HostId =>
  `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

export const operationId = (n: number): string => uuid(n, 0xa);

/** Two tokens for host number `n`. */
export const subject = (n: number, tokens = [BigInt(n) * 100n, BigInt(n) * 100n + 50n]): RecordSubject => ({
  hostId: uuid(n),
  tokens,
});

export function draft(
  kind: RecordDraft['kind'],
  id: string,
  subjects: readonly RecordSubject[] = [],
  more: Partial<RecordDraft> = {},
): RecordDraft {
  return {
    kind,
    operationId: id,
    operation: null,
    subjects,
    replaces: null,
    strict: true,
    schemaVersion: uuid(0, 0xb),
    found: null,
    alter: null,
    ...more,
  };
}

export const found = (n: number): RecordDraft =>
  draft('found', operationId(0), [subject(n)], {
    found: { clusterId: uuid(0, 0xc), clusterName: 'test', detector: 'phi' },
  });

export const begin = (
  operation: OperationKind,
  id: string,
  subjects: readonly RecordSubject[],
  more: Partial<RecordDraft> = {},
): RecordDraft => draft('begin', id, subjects, { operation, ...more });

/** The records that follow `state` for these drafts, all of them by host 0; throws the reason of the first that does not. */
export function history(drafts: readonly RecordDraft[], state: RingState | null = null): RingRecord[] {
  const random = new SeededRandom(1);
  let now = state;
  return drafts.map((each) => {
    const record = recordOf(each, now, { hostId: uuid(0), random }, 1_000);
    const next = foldRecord(now, record);
    if (isRefusal(next)) throw new Error(next.reason);
    now = next;
    return record;
  });
}

export function fold(records: readonly RingRecord[]): RingState {
  let state: RingState | null = null;
  for (const record of records) {
    const next = foldRecord(state, record);
    if (isRefusal(next)) throw new Error(next.reason);
    state = next;
  }
  return state!;
}

/** A ring of `voters` owners, hosts 0 to voters − 1. */
export function ringOf(voters: number): RingRecord[] {
  const joiners = Array.from({ length: voters - 1 }, (_, index) => subject(index + 1));
  const id = operationId(1);
  const join = [begin('bootstrap', id, joiners), draft('switch', id), draft('end', id)];
  return history([found(0), ...(voters > 1 ? join : [])]);
}
