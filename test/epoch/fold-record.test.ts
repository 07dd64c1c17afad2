import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { chainHash } from '../../src/epoch/chain-hash.ts';
import type { RecordDraft } from '../../src/epoch/epoch-register.ts';
import { foldRecord, isRefusal } from '../../src/epoch/fold-record.ts';
import { recordOf } from '../../src/epoch/record-draft.ts';
import type { RingRecord } from '../../src/epoch/ring-record.ts';
import { majority, type RingState, snapshotOf, stateOfSnapshot, votersOf } from '../../src/epoch/ring-state.ts';
import { minToken } from '../../src/token/token.ts';
import { begin, draft, fold, found, history, operationId, ringOf, subject, uuid } from './ring-fixtures.ts';

const id = operationId(50);

function next(state: RingState, ...drafts: RecordDraft[]): RingState {
  let now = state;
  for (const record of history(drafts, state)) now = foldRecord(now, record) as RingState;
  return now;
}

/** The code and reason with which a draft is refused after `state`; the test fails if it is not. */
function refusal(state: RingState | null, wish: RecordDraft, change: Partial<RingRecord> = {}): string {
  const record = recordOf(wish, state, { hostId: uuid(0), random: new SeededRandom(1) }, 1_000);
  const result = foldRecord(state, { ...record, ...change });
  if (!isRefusal(result)) throw new Error(`not refused: ${wish.kind}`);
  return `${result.code}: ${result.reason}`;
}

const stateOf = (state: RingState, n: number): string | undefined => state.members.get(uuid(n))?.state;
const bare = (n: number) => ({ hostId: uuid(n), tokens: [] });

describe('the fold of ring records', () => {
  it('starts with found, which makes its one subject the first owner', () => {
    const state = fold(ringOf(1));
    expect(state).toMatchObject({ epoch: 1, clusterName: 'test', operation: null });
    expect(votersOf(state)).toEqual([uuid(0)]);
    expect(refusal(null, draft('switch', id))).toContain('kind found');
    expect(refusal(state, found(1))).toContain('founded already');
  });

  it('makes joiners voters at end, and drops all of them at abort', () => {
    const begun = next(fold(ringOf(1)), begin('bootstrap', id, [subject(1), subject(2)]));
    expect([stateOf(begun, 1), votersOf(begun)]).toEqual(['joining', [uuid(0)]]);
    expect(votersOf(next(begun, draft('switch', id), draft('end', id)))).toEqual([uuid(0), uuid(1), uuid(2)]);
    const aborted = next(begun, draft('abort', id));
    expect([aborted.members.size, aborted.operation]).toEqual([1, null]);
  });

  it('lets end follow only switch, abort only begin, and either only the open operation', () => {
    const begun = next(fold(ringOf(1)), begin('bootstrap', id, [subject(1)]));
    expect(refusal(begun, draft('end', id))).toContain('end follows switch');
    expect(refusal(begun, draft('switch', operationId(51)))).toContain('UNKNOWN_OPERATION');
    const switched = next(begun, draft('switch', id));
    expect(refusal(switched, draft('abort', id))).toContain('abort follows begin');
    expect(refusal(switched, draft('switch', id))).toContain('switch follows begin');
    expect(refusal(switched, draft('end', id, [bare(7)]))).toContain('no subject');
  });

  it('keeps at most one operation open, and names it', () => {
    const begun = next(fold(ringOf(3)), begin('decommission', id, [bare(1)]));
    const refused = refusal(begun, begin('bootstrap', operationId(51), [subject(8)]));
    expect(refused).toContain('OPERATION_OPEN');
    expect(refused).toContain(uuid(1));
  });

  it('gives every token one owner, and none the minimum token', () => {
    const state = fold(ringOf(2));
    const join = (tokens: bigint[]) => begin('bootstrap', id, [subject(8, tokens)]);
    expect(refusal(state, join([100n]))).toContain('token 100 is taken');
    expect(refusal(state, join([7n, 7n]))).toContain('token 7 is taken');
    expect(refusal(state, join([minToken]))).toContain('no token that a node can own');
    expect(refusal(state, join([]))).toContain('at least one token');
    expect(refusal(state, begin('bootstrap', id, [subject(8, [7n]), subject(9, [7n])]))).toContain('taken');
    expect(refusal(state, begin('bootstrap', id, [subject(1, [7n])]))).toContain('member already');
  });

  it('removes for ever who decommissions, is replaced or is removed, until readmitted', () => {
    const ring = fold(ringOf(3));
    const gone = next(ring, begin('decommission', id, [bare(1)]), draft('switch', id), draft('end', id));
    expect(gone.removed.get(uuid(1))).toBe(gone.epoch);
    expect(refusal(gone, begin('bootstrap', operationId(51), [subject(1)]))).toContain('was removed');
    const readmitted = next(gone, draft('readmit', operationId(52), [bare(1)]));
    expect(stateOf(next(readmitted, begin('bootstrap', operationId(53), [subject(1)])), 1)).toBe('joining');

    const replacing = next(ring, begin('replace', id, [bare(8)], { replaces: uuid(2) }));
    expect(votersOf(replacing)).toEqual(votersOf(ring));
    const replaced = next(replacing, draft('switch', id), draft('end', id));
    expect(replaced.members.get(uuid(8))?.tokens).toEqual(ring.members.get(uuid(2))?.tokens);
    expect([replaced.members.has(uuid(2)), replaced.removed.has(uuid(2))]).toEqual([false, true]);
  });

  it('moves a node to its new tokens at end, and not before', () => {
    const moving = next(fold(ringOf(2)), begin('move', id, [subject(1, [9_000n])]));
    expect(moving.members.get(uuid(1))).toMatchObject({ state: 'moving', tokens: [100n, 150n] });
    const moved = next(moving, draft('switch', id), draft('end', id));
    expect(moved.members.get(uuid(1))).toMatchObject({ state: 'normal', tokens: [9_000n] });
  });

  it('never lets the last owner go', () => {
    const state = fold(ringOf(1));
    expect(refusal(state, draft('remove', id, [bare(0)]))).toContain('last owner');
    for (const kind of ['decommission', 'removenode'] as const) {
      expect(refusal(state, begin(kind, id, [bare(0)]))).toContain('last owner');
    }
    const replacing = next(fold(ringOf(2)), begin('replace', id, [bare(8)], { replaces: uuid(1) }));
    const alone = next(replacing, draft('remove', operationId(51), [bare(0)]));
    expect(refusal(alone, draft('remove', operationId(52), [bare(1)]))).toContain('being replaced');
  });

  it('closes an operation whose last subject is forcibly removed', () => {
    const begun = next(fold(ringOf(2)), begin('bootstrap', id, [subject(8), subject(9)]));
    const one = next(begun, draft('remove', operationId(51), [bare(8)]));
    expect(one.operation?.subjects.map((each) => each.hostId)).toEqual([uuid(9)]);
    expect(next(one, draft('remove', operationId(52), [bare(9)])).operation).toBeNull();
  });

  it('puts an open operation back to begin, by the ring of a new epoch, when anybody else is forcibly removed', () => {
    const ring = next(fold(ringOf(3)), begin('bootstrap', id, [subject(8), subject(9)]));
    for (const state of [ring, next(ring, draft('switch', id))]) {
      for (const gone of [8, 2]) {
        const left = next(state, draft('remove', operationId(51), [bare(gone)]));
        expect(left.operation).toMatchObject({ step: 'begin', beginEpoch: ring.epoch, stepEpoch: left.epoch });
        expect(refusal(left, draft('end', id))).toContain('end follows switch');
        const ended = next(left, draft('switch', id), draft('end', id));
        expect([ended.operation, stateOf(ended, 9)]).toEqual([null, 'normal']);
      }
    }
    const alter = { keyspace: 'app', replication: { class: 'SimpleStrategy', replication_factor: '2' } };
    const altering = next(fold(ringOf(3)), begin('alterReplication', id, [], { alter }));
    expect(next(altering, draft('remove', operationId(51), [bare(2)])).operation?.step).toBe('begin');
  });

  it('refuses another epoch and another history, but follows another lineage on the same one', () => {
    const state = fold(ringOf(2));
    const join = begin('bootstrap', id, [subject(8)]);
    expect(refusal(state, join, { epoch: state.epoch + 2 })).toContain('expected epoch');
    expect(refusal(state, join, { previous: 'f'.repeat(32) })).toContain('chain hash');
    const record = recordOf(join, state, { hostId: uuid(0), random: new SeededRandom(1) }, 1_000);
    const forced = foldRecord(state, { ...record, lineage: uuid(9, 9) });
    expect(isRefusal(forced) ? forced.reason : forced.lineage).toBe(uuid(9, 9));
  });

  it('refuses facts that do not belong to the kind', () => {
    const state = fold(ringOf(2));
    expect(refusal(state, draft('begin', id, [subject(8)]))).toContain('kind of its operation');
    expect(refusal(state, begin('bootstrap', id, [subject(8)], { replaces: uuid(1) }))).toContain('replaces');
    expect(refusal(state, draft('alterReplication', id))).toContain('alter');
  });
});

describe('a ring state', () => {
  it('comes back from its snapshot, and an unsound snapshot gives none', () => {
    const state = next(fold(ringOf(3)), begin('decommission', id, [bare(1)]), draft('switch', id), draft('end', id));
    const snapshot = snapshotOf(state);
    expect(stateOfSnapshot(snapshot)).toEqual(state);
    expect(stateOfSnapshot({ ...snapshot, members: [] })).toBeNull();
    const leavers = snapshot.members.map((member) => ({ ...member, state: 'leaving' as const }));
    expect(stateOfSnapshot({ ...snapshot, members: leavers })).toBeNull();
    expect(stateOfSnapshot({ ...snapshot, members: [...snapshot.members, snapshot.members[0]!] })).toBeNull();
    expect(stateOfSnapshot({ ...snapshot, removed: [{ hostId: uuid(0), epoch: 1 }] })).toBeNull();
    const twice = snapshot.members.map((member) => ({ ...member, tokens: [1n] }));
    expect(stateOfSnapshot({ ...snapshot, members: twice })).toBeNull();
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [7, 4],
  ])('of %i voters needs %i for a decision', (voters, needed) => {
    expect(majority(voters)).toBe(needed);
  });
});

describe('the chain hash', () => {
  const [record] = history([found(0)]) as [RingRecord];

  it('is the same on every machine and in every release', () => {
    const canonical =
      `[[1,1],[2,"found"],[3,"${record.lineage}"],[4,"${'0'.repeat(32)}"],[5,"${operationId(0)}"],` +
      `[7,[["${uuid(0)}",["0","50"]]]],[9,"${uuid(0, 0xb)}"],[10,"${uuid(0)}"],[11,1000],` +
      `[12,["${uuid(0, 0xc)}","test","phi"]]]`;
    expect(chainHash(record)).toBe(createHash('sha256').update(canonical).digest('hex').slice(0, 32));
  });

  it('changes with every field, the hash of the record before included', () => {
    const [begun] = history([begin('move', id, [subject(0, [5n])])], fold(ringOf(1))) as [RingRecord];
    const alter = { keyspace: 'k', replication: { class: 'SimpleStrategy' } };
    const variants: Partial<RingRecord>[] = [
      {},
      { epoch: 9 },
      { kind: 'abort' },
      { lineage: uuid(1) },
      { previous: 'f'.repeat(32) },
      { operationId: uuid(1) },
      { operation: 'bootstrap' },
      { subjects: [subject(0, [6n])] },
      { replaces: uuid(1) },
      { schemaVersion: uuid(1) },
      { proposer: uuid(1) },
      { proposedAtMs: 1 },
      { found: record.found },
      { alter },
    ];
    const hashes = variants.map((change) => chainHash({ ...begun, ...change }));
    expect(new Set(hashes).size).toBe(variants.length);
  });
});
