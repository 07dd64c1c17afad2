import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeltaBuilder, deltaSince, wholeDeltas } from '../../src/gossip/build-delta.ts';
import type { Delta } from '../../src/gossip/delta.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import { type Counter, type EndpointState, versionOf } from '../../src/gossip/endpoint-state.ts';
import { LocalState, type StateEntry } from '../../src/gossip/local-state.ts';
import { mergeDelta } from '../../src/gossip/merge-delta.ts';
import { exchange, type gossiperOf, hostOf, said, started } from './gossip-fixtures.ts';

const counters: readonly Counter[] = ['state', 'bulk'];
const keys = ['STATUS', 'TOKENS', 'LOAD', 'x:a', 'x:b', 'x:bulk:c'] as const;

const stepOf = fc
  .array(fc.tuple(fc.constantFrom(...keys), fc.option(fc.string({ maxLength: 3 }), { freq: 3 })), { maxLength: 3 })
  .map((entries): readonly StateEntry[] => entries);

/** What the owner ever said: live values by key, at each version of each counter and in each generation. */
type History = Map<string, ReadonlyMap<string, string>>;

function liveOf(state: EndpointState, counter: Counter): Map<string, string> {
  const live = new Map<string, string>();
  for (const [key, { value }] of state.values) {
    const ofCounter = key === 'LOAD' || key === 'x:bulk:c' ? 'bulk' : 'state';
    if (ofCounter === counter && value !== null) live.set(key, value);
  }
  return live;
}

function note(history: History, state: EndpointState): void {
  for (const counter of counters) {
    history.set(`${state.generation} ${counter} ${versionOf(state, counter)}`, liveOf(state, counter));
  }
}

const sorted = (map: ReadonlyMap<string, string>): [string, string][] => [...map].sort(([l], [r]) => (l < r ? -1 : 1));

/** What happens in a world of one owner and three holders. Deltas wait in a bag; each may come late, often, or never. */
const event = fc.oneof(
  { weight: 4, arbitrary: stepOf.map((entries) => ({ kind: 'step' as const, entries })) },
  { weight: 2, arbitrary: fc.constant({ kind: 'beat' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      from: fc.nat(3),
      base: fc.nat(12),
      whole: fc.boolean(),
    }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('deliver' as const), to: fc.nat(2), which: fc.nat() }) },
);

describe('the delta rule', () => {
  it('holds exactly what the owner said at that version, whatever comes in whatever order, and never goes back', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 20, maxLength: 120 }), (events) => {
        const history: History = new Map();
        const owner = new LocalState(hostOf(1), 100, [['STATUS', 'NORMAL']]);
        note(history, owner.state);
        const holders: (EndpointState | null)[] = [null, null, null];
        const bag: Delta[] = [];
        for (const happened of events) {
          switch (happened.kind) {
            case 'step':
              owner.step(happened.entries);
              break;
            case 'beat':
              owner.beat();
              break;
            case 'restart':
              owner.raiseGeneration(owner.state.generation + 1);
              break;
            case 'send': {
              const state = happened.from === 3 ? owner.state : (holders[happened.from] ?? null);
              if (state === null) break;
              for (const counter of counters) {
                const delta = deltaSince(state, counter, happened.whole ? 0 : happened.base);
                if (delta !== null) bag.push(delta);
              }
              break;
            }
            case 'deliver': {
              const delta = bag[happened.which % Math.max(1, bag.length)];
              if (delta === undefined) break;
              const have = holders[happened.to] ?? null;
              const merge = mergeDelta(have, delta);
              if (merge.kind !== 'joined') break;
              const { state } = merge;
              holders[happened.to] = state;
              if (have !== null) expect(state.generation).toBeGreaterThanOrEqual(have.generation);
              for (const counter of counters) {
                if (have?.generation === state.generation) {
                  expect(versionOf(state, counter)).toBeGreaterThanOrEqual(versionOf(have, counter));
                }
                const at = versionOf(state, counter);
                const expected = history.get(`${state.generation} ${counter} ${at}`) ?? new Map();
                expect(sorted(liveOf(state, counter))).toEqual(sorted(expected));
              }
            }
          }
          note(history, owner.state);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('delivers all but what a later change made void when deltas are cut, and ends equal', () => {
    fc.assert(
      fc.property(
        fc.array(stepOf, { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 50, max: 400 }),
        (steps, budget) => {
          const owner = new LocalState(hostOf(1), 100, [['STATUS', 'NORMAL']]);
          const written: { key: string; value: string | null; version: number }[] = [];
          let holder = mergeWhole(owner.state);
          const pull = (): void => {
            const builder = new DeltaBuilder(budget);
            builder.addMissing(owner.state, digestOf(holder));
            for (const delta of builder.deltas) {
              const versions = delta.entries.map(([, { version }]) => version);
              const left = [...owner.state.values].filter(
                ([key, { version }]) => version > delta.to && isOn(key, delta),
              );
              expect(left.some(([, { version }]) => versions.includes(version))).toBe(false);
              const merge = mergeDelta(holder, delta);
              if (merge.kind !== 'joined') throw new Error(`a delta that was asked for is a ${merge.kind}`);
              holder = merge.state;
            }
            for (const [key, { value, version }] of holder.values) {
              const have = key === 'LOAD' || key === 'x:bulk:c' ? holder.bulkVersion : holder.version;
              const newest = written.findLast((write) => write.key === key && write.version <= have);
              const later = written.some((write) => write.key === key && write.version > have);
              if (!later && newest !== undefined)
                expect({ value, version }).toEqual({ value: newest.value, version: newest.version });
            }
          };
          for (const [at, entries] of steps.entries()) {
            const before = owner.state;
            owner.step(entries);
            for (const [key, value] of owner.state.values) {
              if (before.values.get(key) !== value) written.push({ key, value: value.value, version: value.version });
            }
            if (at % 4 === 0) pull();
          }
          for (let round = 0; round < 2 * steps.length; round++) pull();
          expect(said(holder)).toEqual(said(owner.state));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('never cuts a whole state, and sends the first delta of a message however large its first step is', () => {
    const owner = new LocalState(hostOf(1), 100, [['STATUS', 'NORMAL']]);
    const before = owner.state;
    owner.step([
      ['x:a', 'a'.repeat(500)],
      ['x:b', 'b'.repeat(500)],
    ]);
    owner.step([['TOKENS', 't']]);
    const whole = new DeltaBuilder(100);
    whole.addMissing(owner.state, { hostId: hostOf(1), generation: 0, version: 0, bulkVersion: 0 });
    whole.addMissing({ ...owner.state, hostId: hostOf(2) }, digestOf({ ...before, generation: 0 }));
    expect(whole.deltas).toEqual([wholeDeltas(owner.state)[0]]);

    const partial = new DeltaBuilder(100);
    partial.addMissing(owner.state, digestOf(before));
    expect(partial.deltas).toMatchObject([{ from: 1, to: 2 }]);
    expect(partial.deltas[0]!.entries.map(([key]) => key)).toEqual(['x:a', 'x:b']);
  });
});

describe('a cluster', () => {
  it('converges in any topology of exchanges, with tiny messages, restarts and losses', () => {
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constant('exchange' as const), fc.nat(4), fc.nat(4), fc.nat(3)) },
      { weight: 3, arbitrary: fc.tuple(fc.constant('set' as const), fc.nat(4), stepOf) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('raise' as const), fc.nat(4)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('forget' as const), fc.nat(4), fc.nat(4)) },
    );
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 60 }),
        fc.constantFrom('push' as const, 'pull' as const, 'pushPull' as const),
        fc.integer({ min: 60, max: 600 }),
        (acts, style, maxDeltaBytes) => {
          const directory = new EndpointDirectory();
          const nodes = Array.from({ length: 5 }, (_, at) => started(at + 1, 100, { style, maxDeltaBytes, directory }));
          const node = (at: number): readonly [string, ReturnType<typeof gossiperOf>] => [hostOf(at + 1), nodes[at]!];
          for (const each of acts) {
            if (each[0] === 'set') nodes[each[1]]!.setStates(each[2]);
            else if (each[0] === 'raise') nodes[each[1]]!.raiseGeneration(nodes[each[1]]!.self.generation + 1);
            else if (each[0] === 'forget' && each[1] !== each[2]) nodes[each[1]]!.forget(hostOf(each[2] + 1));
            else if (each[0] === 'exchange' && each[1] !== each[2]) exchange(node(each[1]), node(each[2]));
          }
          for (let round = 0; round < 40; round++) {
            for (let at = 0; at < 5; at++) exchange(node(at), node((at + 1 + (round % 4)) % 5));
          }
          for (const owner of nodes) {
            for (const holder of nodes) {
              expect(said(holder.stateOf(owner.self.hostId))).toEqual(said(owner.self));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

const isOn = (key: string, delta: Delta): boolean =>
  (key === 'LOAD' || key === 'x:bulk:c') === (delta.counter === 'bulk');

const digestOf = ({ hostId, generation, version, bulkVersion }: EndpointState) => ({
  hostId,
  generation,
  version,
  bulkVersion,
});

function mergeWhole(state: EndpointState): EndpointState {
  const merge = mergeDelta(null, deltaSince(state, 'state', 0)!);
  if (merge.kind !== 'joined') throw new Error('a whole state did not join on to nothing');
  return merge.state;
}
