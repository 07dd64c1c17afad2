import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RingRecord } from '../../src/epoch/ring-record.ts';
import { isVoter, snapshotOf } from '../../src/epoch/ring-state.ts';
import { RegisterWorld, type SimNode } from './register-world.ts';
import { begin, draft, fold, history, operationId, ringOf, subject, uuid } from './ring-fixtures.ts';

const id = operationId(50);
const alter = { keyspace: 'k', replication: { class: 'SimpleStrategy' } };
const alterations = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => draft('alterReplication', operationId(100 + from + n), [], { alter }));

/** `mine` follows one history, `theirs` another one of two forced records: voter 2, or 1, was removed. */
function forked(after = 0): { world: RegisterWorld; mine: SimNode; theirs: SimNode } {
  const world = new RegisterWorld(11);
  const base = ringOf(3);
  const removal = (n: number): RingRecord => {
    const [record] = history([draft('remove', operationId(60 + n), [{ hostId: uuid(n), tokens: [] }])], fold(base));
    return { ...record!, lineage: uuid(n, 0xd) };
  };
  const other = [...base, removal(1)];
  const mine = world.add(uuid(0), [...base, removal(2)]);
  const theirs = world.add(uuid(9), [...other, ...history(alterations(0, after), fold(other))]);
  // Each question brings all of it: a few are enough, however many parts that is.
  let sent = 0;
  world.passes = () => ++sent <= 100;
  world.gossip(theirs, mine);
  world.run(1_000);
  expect(sent).toBeLessThan(50);
  world.passes = () => true;
  expect(mine.register!.fork?.witness).toBe(theirs.hostId);
  return { world, mine, theirs };
}

function adoptTheirs(world: RegisterWorld, mine: SimNode): void {
  world.adoptLineage(mine, mine.register!.fork!.theirs.lineage);
  world.run(world.nowMs + 1_000);
}

/** Starts again with a store that holds the fold, and no record. */
function startWithFoldAlone(world: RegisterWorld, node: SimNode): void {
  const snapshot = snapshotOf(node.register!.state!);
  world.crash(node);
  node.store.write([{ kind: 'ringForgotten' }, { kind: 'ringSnapshot', snapshot }]);
  world.start(node);
}

describe('a history that was adopted', () => {
  it.each([0, 1_100])('is after a restart what its witness holds, records and all (%i more)', (after) => {
    const { world, mine, theirs } = forked(after);
    adoptTheirs(world, mine);
    world.crash(mine);
    world.start(mine);
    const { log } = theirs.register!;
    expect(mine.register!.position).toEqual(log.position);
    expect(mine.register!.log.records).toEqual(log.records);
    expect(mine.register!.log.snapshot).toEqual(log.snapshot);
  });

  it('serves those who are behind after a restart', () => {
    const { world, mine, theirs } = forked();
    adoptTheirs(world, mine);
    world.crash(mine);
    world.start(mine);
    const late = world.add(uuid(2), ringOf(3));
    world.crash(theirs);
    world.gossip(late, mine);
    world.run(world.nowMs + 1_000);
    expect(late.register!.position).toEqual(mine.register!.position);
  });

  it('is adopted from a witness that keeps the fold alone', () => {
    const { world, mine, theirs } = forked();
    startWithFoldAlone(world, theirs);
    expect(theirs.register!.log.records).toEqual([]);
    adoptTheirs(world, mine);
    expect(mine.events.at(-1)).toMatchObject({ kind: 'adopted', record: null });
    expect(mine.register!.position).toEqual(theirs.register!.position);
    world.crash(mine);
    world.start(mine);
    expect(mine.register!.state).toEqual(theirs.register!.state);
  });
});

describe('a fold without records', () => {
  it('is handed to a node that is behind, which tells of it, and holds it after a restart', () => {
    const world = new RegisterWorld(12);
    const base = ringOf(2);
    const full = world.add(uuid(0), [...base, ...history(alterations(0, 5), fold(base))]);
    const late = world.add(uuid(1), base);
    startWithFoldAlone(world, full);
    world.gossip(late, full);
    world.run(1_000);
    expect(late.register!.position).toEqual(full.register!.position);
    expect(late.events).toContainEqual({ kind: 'startedOver', state: full.register!.state });
    world.crash(late);
    world.start(late);
    expect(late.register!.position).toEqual(full.register!.position);
  });

  it('is not taken where its open operation names a host that is no member', () => {
    const world = new RegisterWorld(13);
    const base = ringOf(2);
    const late = world.add(uuid(1), base);
    const ahead = fold([...base, ...history([begin('bootstrap', id, [subject(8)])], fold(base))]);
    const { operation, ...snapshot } = snapshotOf(ahead);
    const { epoch, chainHash, lineage } = ahead;
    const bad = { ...snapshot, operation: { ...operation!, subjects: [subject(77)] } };
    const after = { epoch, chainHash, lineage };
    world.deliver(late, uuid(0), { kind: 'records', after, snapshot: bad, records: [], votes: [] });
    expect(late.register!.position.epoch).toBe(4);
    expect(late.events.at(-1)).toMatchObject({ kind: 'dropped', reason: 'records: an unsound snapshot' });
  });
});

it('throws nothing, whatever the witness sends while its history is awaited', () => {
  const { theirs } = forked(3);
  const { records } = theirs.register!.log;
  const states = records.map((_, at) => fold(records.slice(0, at + 1)));
  const position = fc.constantFrom(...states).map(({ epoch, chainHash, lineage }) => ({ epoch, chainHash, lineage }));
  const snapshot = fc.option(fc.constantFrom(...states).map(snapshotOf));
  const message = fc.record({
    kind: fc.constant('records' as const),
    after: fc.oneof(position, fc.constant({ epoch: 0, chainHash: '0'.repeat(32), lineage: uuid(0) })),
    snapshot,
    records: fc.subarray(records),
    votes: fc.constant([]),
  });
  let adopted = 0;
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (arrivals) => {
      const { world, mine } = forked(3);
      world.passes = () => false;
      world.adoptLineage(mine, mine.register!.fork!.theirs.lineage);
      for (const each of arrivals) world.deliver(mine, theirs.hostId, each);
      adopted += mine.events.filter(({ kind }) => kind === 'adopted').length;
      expect(isVoter(mine.register!.state!, mine.hostId)).toBe(true);
    }),
    { numRuns: 150, seed: 1 },
  );
  expect(adopted).toBeGreaterThan(0);
});
