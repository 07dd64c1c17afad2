import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { foldRecord, isRefusal } from '../../src/epoch/fold-record.ts';
import { type RecordDraft, recordOf } from '../../src/epoch/record-draft.ts';
import type { RingState } from '../../src/epoch/ring-state.ts';
import { ApplicationState } from '../../src/gossip/application-state.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import { futureOwners } from '../../src/ring/future-owners.ts';
import { World } from '../../src/sim/world.ts';
import { encodeTokens } from '../../src/token/token-list.ts';
import { begin, draft, fold, operationId, ringOf, subject, uuid } from '../epoch/ring-fixtures.ts';

/** The state after these drafts, those that do not follow left out. */
function applied(drafts: readonly RecordDraft[], state: RingState): RingState {
  const random = new SeededRandom(1);
  let now = state;
  for (const each of drafts) {
    const next = foldRecord(now, recordOf(each, now, { hostId: uuid(0), random }, 1_000));
    if (!isRefusal(next)) now = next;
  }
  return now;
}

const id = operationId(7);
const leaving = begin('decommission', id, [subject(2)]);
const booting = begin('bootstrap', id, [subject(5)]);
const ended = [draft('switch', id), draft('end', id)];

describe('D10 state jumps', () => {
  it.each([
    { jump: 'LEAVING to BOOT', drafts: [leaving, begin('bootstrap', operationId(8), [subject(2)])], is: 'leaving' },
    { jump: 'BOOT twice', drafts: [booting, begin('bootstrap', operationId(8), [subject(5)])], is: 'joining', of: 5 },
    { jump: 'LEAVING to NORMAL', drafts: [leaving, draft('abort', id)], is: 'normal' },
    {
      jump: 'LEFT to NORMAL with another token',
      drafts: [leaving, ...ended, begin('bootstrap', operationId(8), [subject(2, [777n])])],
      is: 'removed',
    },
    { jump: 'LEAVING with other tokens', drafts: [begin('decommission', id, [subject(2, [777n])])], is: 'leaving' },
    { jump: 'NORMAL to LEFT', drafts: [draft('remove', id, [subject(2, [])])], is: 'removed' },
    {
      jump: 'BOOT to LEFT',
      drafts: [booting, draft('remove', operationId(8), [subject(5, [])])],
      is: 'removed',
      of: 5,
    },
    { jump: 'BOOT to nothing', drafts: [booting, draft('abort', id)], is: 'absent', of: 5 },
  ])('$jump: the host is $is, in no second set, with the tokens of its last record', ({ drafts, is, of = 2 }) => {
    const state = applied(drafts, fold(ringOf(4)));
    const hostId = uuid(of);
    const member = state.members.get(hostId);
    const sets = [member?.state, state.removed.has(hostId) ? 'removed' : undefined].filter((set) => set !== undefined);
    expect(sets).toEqual(is === 'absent' ? [] : [is]);
    if (member !== undefined) expect(member.tokens).toEqual(subject(of).tokens);
    const names = state.operation?.subjects.some((each) => each.hostId === hostId) ?? false;
    expect(names).toBe(is === 'leaving' || is === 'joining');
  });

  it('whatever records follow one another, a host is in one set, a token has one owner, and only subjects are under way', () => {
    const kinds = ['bootstrap', 'decommission', 'removenode', 'move', 'replace'] as const;
    const step = fc.record({
      kind: fc.constantFrom('begin', 'begin', 'switch', 'end', 'abort', 'remove', 'readmit'),
      operation: fc.constantFrom(...kinds),
      host: fc.nat(6),
      other: fc.nat(6),
      token: fc.bigInt(0n, 9n),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state = fold(ringOf(4));
        for (const [index, { kind, operation, host, other, token }] of steps.entries()) {
          const open = state.operation?.operationId ?? operationId(1);
          const tokens = operation === 'replace' ? (state.members.get(uuid(other))?.tokens ?? []) : [token];
          const one =
            kind === 'begin'
              ? begin(operation, operationId(20 + index), [subject(host, [...tokens])], {
                  replaces: operation === 'replace' ? uuid(other) : null,
                })
              : kind === 'remove' || kind === 'readmit'
                ? draft(kind, operationId(20 + index), [subject(host, [])])
                : draft(kind, open);
          state = applied([one], state);
          const underWay = [...state.members.values()].filter((each) => each.state !== 'normal');
          const subjects = state.operation?.subjects.map(({ hostId }) => hostId) ?? [];
          expect(underWay.map(({ hostId }) => hostId).sort()).toEqual([...subjects].sort());
          for (const hostId of state.removed.keys()) expect(state.members.has(hostId)).toBe(false);
          const owners = [...state.members.values()].filter((each) => each.state !== 'replacing');
          const owned = owners.flatMap((each) => each.tokens);
          expect(new Set(owned).size).toBe(owned.length);
          if (state.operation === null) continue;
          const placed = owners.map((each) => ({ ...each, datacenter: 'dc1', rack: 'r' }));
          const later = futureOwners(placed, state.operation).flatMap((each) => each.tokens);
          expect(new Set(later).size).toBe(later.length);
          expect(later).not.toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('what a host gossips of its STATUS and TOKENS moves no ring: without a record it does not count', () => {
    const world = new World(1_010);
    const [a, b, c] = world.cluster(3);
    world.run(3_000);
    const before = a!.reader.ring()!;
    const held = c!.reader.endpointState(c!.hostId)!;
    const source = { hostId: b!.hostId, bootNonce: b!.bootNonce, replyTo: b!.address };
    const { tokens, status } = ApplicationState;
    const words = ['LEAVING,9', 'BOOT,9', 'BOOT,10', 'NORMAL,9', 'LEFT,9', 'MOVING,9', 'BOOT_REPLACE,9', 'nonsense'];
    let { version } = held;
    for (const [index, word] of words.entries()) {
      const from = version;
      version++;
      const delta = {
        hostId: c!.hostId,
        generation: held.generation,
        counter: 'state',
        from,
        to: version,
        entries: [
          [tokens, versionedValue(tokens, `9,${encodeTokens([BigInt(index)])}`, version)],
          [status, versionedValue(status, word, version)],
        ],
      } as const;
      a!.step({ kind: 'message', from: source, channel: 'datagram', message: { kind: 'ack2', deltas: [delta] } });
      expect(a!.reader.endpointState(c!.hostId)!.values.get('STATUS')?.value).toBe(word);
      const now = a!.reader.ring()!;
      expect(now.fingerprint).toBe(before.fingerprint);
      expect(now.natural).toEqual(before.natural);
      expect(a!.reader.members().find(({ hostId }) => hostId === c!.hostId)?.state).toBe('normal');
    }
  });
});
