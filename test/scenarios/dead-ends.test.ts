import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { foldRecord, isRefusal } from '../../src/epoch/fold-record.ts';
import { type RecordDraft, recordOf } from '../../src/epoch/record-draft.ts';
import { type RingState, votersOf } from '../../src/epoch/ring-state.ts';
import { futureOwners } from '../../src/ring/future-owners.ts';
import { begin, draft, fold, operationId, ringOf, subject, uuid } from '../epoch/ring-fixtures.ts';

const id = operationId(7);
/** Takes part in an operation, and is no owner before. */
const [newcomer, other] = [8, 9] as const;

/** The state that a draft leads to, or null where it does not follow. */
function follow(state: RingState, wish: RecordDraft): RingState | null {
  const record = recordOf(wish, state, { hostId: uuid(0), random: new SeededRandom(1) }, 1_000);
  const next = foldRecord(state, record);
  return isRefusal(next) ? null : next;
}

/** By its members alone where they stand equally: their epochs are no matter of what can follow. */
const shapeOf = ({ members, operation }: RingState): string =>
  JSON.stringify([
    [...members.values()].map(({ hostId, state, tokens }) => [hostId, state, tokens.map(String)]).sort(),
    operation && [operation.step, operation.subjects.map(({ hostId }) => hostId)],
  ]);

/** Every state in which what `opening` began is open, whatever steps and forced removals were decided. */
function openStates(opening: RingState): RingState[] {
  const found = new Map([[shapeOf(opening), opening]]);
  for (const state of found.values()) {
    const removals = [...state.members.keys()].map((hostId) => draft('remove', id, [{ hostId, tokens: [] }]));
    for (const wish of [draft('switch', id), ...removals]) {
      const next = follow(state, wish);
      if (next !== null && next.operation !== null && !found.has(shapeOf(next))) found.set(shapeOf(next), next);
    }
  }
  return [...found.values()];
}

/** The owners that will be read after the switch of what is open. */
const laterOwners = ({ members, operation }: RingState) =>
  futureOwners(
    [...members.values()].map((each) => ({ ...each, datacenter: 'dc1', rack: 'r' })),
    operation!,
  );

const alter = { keyspace: 'app', replication: { class: 'SimpleStrategy', replication_factor: '2' } };
const openings: Readonly<Record<string, RecordDraft>> = {
  'a bootstrap': begin('bootstrap', id, [subject(newcomer)]),
  'a bootstrap of two': begin('bootstrap', id, [subject(newcomer), subject(other)]),
  'a decommission': begin('decommission', id, [subject(0)]),
  'a removenode': begin('removenode', id, [subject(0)]),
  'a move': begin('move', id, [subject(0, [9_000n])]),
  'a replace': begin('replace', id, [subject(newcomer, [])], { replaces: uuid(0) }),
  'an alteration': begin('alterReplication', id, [], { alter }),
};

describe('no forced removal makes a dead end of what is open', () => {
  const cases = [1, 2, 3, 4].flatMap((owners) => Object.keys(openings).map((what) => ({ owners, what })));

  it.each(cases)(
    '$what in a ring of $owners: it can end from every state, by removals of its subjects too, and the ring keeps an owner',
    ({ owners, what }) => {
      const { operation: kind } = openings[what]!;
      const opening = follow(fold(ringOf(owners)), openings[what]!);
      // The sole owner cannot leave, and is told so before anything begins.
      if (opening === null)
        return expect([owners, ['decommission', 'removenode']]).toEqual([1, expect.arrayContaining([kind])]);
      const states = openStates(opening);
      for (const state of states) {
        expect(votersOf(state)).not.toEqual([]);
        expect(laterOwners(state)).not.toEqual([]);
        const switched = state.operation!.step === 'begin' ? follow(state, draft('switch', id)) : state;
        const ended = follow(switched!, draft('end', id));
        expect(ended?.operation).toBeNull();
        expect(votersOf(ended!)).not.toEqual([]);
        if (state.operation!.step === 'begin') expect(follow(state, draft('abort', id))?.operation).toBeNull();
        // Who is lost can be removed, but for the last owner and whoever waits for another to take its place.
        for (const { hostId } of state.members.values()) {
          const removed = follow(state, draft('remove', id, [{ hostId, tokens: [] }]));
          const isLast = votersOf(state).every((voter) => voter === hostId);
          expect(removed === null).toBe(isLast || state.operation!.replaces === hostId);
        }
        // So can all subjects, one after the other, which closes it.
        let left: RingState | null = state;
        for (const { hostId } of state.operation!.subjects) {
          const isLast: boolean = votersOf(left!).every((voter) => voter === hostId);
          if (!isLast) left = follow(left!, draft('remove', id, [{ hostId, tokens: [] }]));
        }
        const staysOpen = kind === 'alterReplication' || (kind === 'move' && votersOf(state).length === 1);
        expect(left!.operation !== null).toBe(staysOpen);
      }
      expect(states.some(({ operation }) => operation!.step === 'switch')).toBe(true);
    },
  );

  it('closes a departure as if it had never begun once all who were to stay are removed, at its switch too', () => {
    for (const kind of ['decommission', 'removenode'] as const) {
      for (const steps of [[], [draft('switch', id)]]) {
        let state = fold(ringOf(3));
        const removals = [1, 2].map((host) => draft('remove', operationId(50 + host), [subject(host, [])]));
        for (const wish of [begin(kind, id, [subject(0)]), ...steps, removals[0]!]) state = follow(state, wish)!;
        expect(state.operation).toMatchObject({ operationId: id, step: 'begin' });
        const closed = follow(state, removals[1]!)!;
        expect(closed.operation).toBeNull();
        expect([...closed.members.values()]).toEqual([
          { hostId: uuid(0), state: 'normal', tokens: subject(0).tokens, sinceEpoch: closed.epoch },
        ]);
        expect([...closed.removed.keys()]).toEqual([uuid(1), uuid(2)]);
      }
    }
  });
});
