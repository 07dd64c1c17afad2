import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { RecordDraft } from '../../src/epoch/epoch-register.ts';
import { RingLog } from '../../src/epoch/ring-log.ts';
import type { RingRecord } from '../../src/epoch/ring-record.ts';
import type { RingState } from '../../src/epoch/ring-state.ts';
import { snapshotOf } from '../../src/epoch/ring-state.ts';
import { RouteGuard } from '../../src/node/route-guard.ts';
import { futureOwners } from '../../src/ring/future-owners.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { Router } from '../../src/ring/router.ts';
import { SimpleStrategy } from '../../src/ring/simple-strategy.ts';
import { begin, draft, fold, found, history, operationId, subject, uuid } from '../epoch/ring-fixtures.ts';

const placed = (state: RingState): RingMember[] =>
  [...state.members.values()].map(({ hostId, tokens }) => ({ hostId, tokens, datacenter: 'dc1', rack: 'r' }));
const ownersNow = (state: RingState): RingMember[] =>
  placed(state).filter(({ hostId }) => !['joining', 'replacing'].includes(state.members.get(hostId)!.state));
const ringsOf = (state: RingState): RingMember[][] => [
  ownersNow(state),
  ...(state.operation === null ? [] : [futureOwners(placed(state), state.operation)]),
];

const keyspaces = new Map([['two', { class: 'SimpleStrategy', replication_factor: '2' }]]);
/** How a node at the end of `records` routes. */
function routerAt(records: readonly RingRecord[]): Router {
  const state = fold(records);
  const { operation } = state;
  return new Router({
    natural: ownersNow(state),
    change: operation && {
      step: operation.step,
      future: futureOwners(placed(state), operation),
      alter: operation.alter,
    },
    epoch: state.epoch,
    ringFingerprint: 'f',
    keyspaces,
    knownDatacenters: ['dc1'],
  });
}

function guardOf(log: RingLog, placesKnown = true): RouteGuard {
  return new RouteGuard({ log, ownersOf: (state) => ({ rings: ringsOf(state), placesKnown }) });
}

function logOf(records: readonly RingRecord[], keptRecords?: number): RingLog {
  const log = new RingLog(keptRecords);
  for (const record of records) expect(log.append(record)).toBeNull();
  return log;
}

/** Whether the guard lets a request by an older ring pass. */
function passes(guard: RouteGuard, epoch: number, token: bigint, keyspace: string | null = 'two'): boolean {
  try {
    guard.check({ token, keyspace, strategy: () => new SimpleStrategy(keyspace === null ? 1 : 2), epoch });
    return true;
  } catch (error) {
    if (error instanceof RingError && error.code === 'STALE_ROUTE' && !error.retryable) return false;
    throw error;
  }
}

const steps = (id: number, first: RecordDraft): RecordDraft[] => [
  first,
  draft('switch', first.operationId),
  draft('end', operationId(id)),
];
const joinOf = (id: number, ...hosts: number[]) =>
  steps(
    id,
    begin(
      'bootstrap',
      operationId(id),
      hosts.map((n) => subject(n)),
    ),
  );
/** Hosts 0 to 4 with tokens 0, 50, 100, 150, … 450 (epoch 4); then host 3 leaves (5, 6, 7). */
const ring = [found(0), ...joinOf(1, 1, 2, 3, 4)];
const records = history([...ring, ...steps(2, begin('decommission', operationId(2), [subject(3, [])]))]);

describe('the route guard', () => {
  it('refuses what was routed before the last step that touches the key, naming the epoch to route by, and nothing else', () => {
    const guard = guardOf(logOf(records));
    // Host 3 has (250,350] as first and (150,250] as second of two replicas.
    for (const token of [160n, 250n, 260n, 300n, 350n]) {
      expect([4, 5, 6, 7].map((epoch) => passes(guard, epoch, token))).toEqual([false, false, false, true]);
    }
    for (const token of [150n, 351n, 0n, 450n, 1000n]) {
      expect([3, 4, 5, 6, 7].map((epoch) => passes(guard, epoch, token))).toEqual([false, true, true, true, true]);
    }
    expect(passes(guard, 4, 200n, null)).toBe(true);
    expect(() =>
      guard.check({ token: 300n, keyspace: 'two', strategy: () => new SimpleStrategy(2), epoch: 4 }),
    ).toThrow(
      expect.objectContaining({
        hint: expect.stringContaining('epoch 7'),
        details: { epoch: 4, touchedAt: 7, currentEpoch: 7, keyspace: 'two' },
      }),
    );
  });

  it('passes a request by a ring that this node does not know yet', () => {
    expect(passes(guardOf(logOf(records.slice(0, 5))), 6, 300n)).toBe(true);
  });

  it('follows each further record, and begins anew when another history takes the place of its own', () => {
    const log = logOf(records.slice(0, 4));
    const guard = guardOf(log);
    expect(passes(guard, 4, 300n)).toBe(true);
    log.append(records[4]!);
    expect([passes(guard, 4, 300n), passes(guard, 4, 0n)]).toEqual([false, true]);
    const other = history([...ring, ...steps(3, begin('decommission', operationId(3), [subject(1, [])]))]);
    log.reset(fold(other.slice(0, 4)));
    for (const record of other.slice(4)) log.append(record);
    expect([passes(guard, 4, 300n), passes(guard, 4, 100n)]).toEqual([true, false]);
  });

  it('refuses everything older than what its history tells of', () => {
    const guard = guardOf(logOf(records, 2));
    expect([3, 4, 5].map((epoch) => passes(guard, epoch, 0n))).toEqual([false, false, true]);
    const started = new RingLog();
    started.fill(snapshotOf(fold(records)), []);
    expect([6, 7].map((epoch) => passes(guardOf(started), epoch, 0n))).toEqual([false, true]);
  });

  it('refuses every older ring where it does not know where a host stood, or the replication itself changed', () => {
    expect(passes(guardOf(logOf(records), false), 4, 0n)).toBe(false);
    const alter = { keyspace: 'two', replication: { class: 'SimpleStrategy', replication_factor: '3' } };
    const altered = history([...ring, ...steps(2, begin('alterReplication', operationId(2), [], { alter }))]);
    const guard = guardOf(logOf(altered));
    expect([passes(guard, 6, 0n), passes(guard, 6, 0n, null), passes(guard, 7, 0n)]).toEqual([false, true, true]);
  });

  it('remembers few operations: of older ones it refuses all', () => {
    const drafts: RecordDraft[] = [...ring];
    for (let n = 0; n < 40; n++) {
      const id = operationId(10 + n);
      drafts.push(begin('decommission', id, [subject(3, [])]), draft('abort', id));
    }
    const guard = guardOf(logOf(history(drafts)));
    const current = 4 + 80;
    expect(passes(guard, current - 64, 0n)).toBe(true);
    expect(passes(guard, current - 65, 0n)).toBe(false);
  });

  it('never passes what any record since would route otherwise, and refuses no key that no record touched', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new SeededRandom(seed);
        const drafts: RecordDraft[] = [...ring];
        const members = [0, 1, 2, 3, 4];
        for (let n = 0; n < 6; n++) {
          const id = 10 + n;
          const known = members[random.below(members.length)]!;
          const leave = random.below(2) === 0 && members.length > 2;
          const first = leave
            ? begin('decommission', operationId(id), [subject(known, [])])
            : begin('bootstrap', operationId(id), [subject(20 + n, [BigInt(random.below(100) * 12 + 2 * n) + 1n])]);
          if (random.below(4) === 0) drafts.push(first, draft('abort', operationId(id)));
          else if (random.below(5) === 0 && members.length > 2) {
            drafts.push(draft('remove', operationId(id), [{ hostId: uuid(known), tokens: [] }]));
            members.splice(members.indexOf(known), 1);
          } else {
            drafts.push(...steps(id, first));
            if (leave) members.splice(members.indexOf(known), 1);
            else members.push(20 + n);
          }
        }
        const all = history(drafts);
        const guard = guardOf(logOf(all));
        const wrong: [number, bigint][] = [];
        const routers = all.map((_, index) => routerAt(all.slice(0, index + 1)));
        for (const token of [0n, 75n, 151n, 225n, 301n, 399n, 555n, 900n, 1300n]) {
          const sets = routers.map((router) => {
            const { replicas, writeReplicas } = router.routeToken(token, 'two');
            return JSON.stringify([replicas, writeReplicas].map((each) => each.map(({ hostId }) => hostId).sort()));
          });
          for (let epoch = 4; epoch <= all.length; epoch++) {
            const same = sets.slice(epoch - 1).every((each) => each === sets[epoch - 1]);
            // At the end of an operation that only added replicas nothing changes any more, but its steps are one touch.
            const untouched = sets.slice(3).every((each) => each === sets[3]);
            if ((!same || untouched) && passes(guard, epoch, token) !== same) wrong.push([epoch, token]);
          }
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});
