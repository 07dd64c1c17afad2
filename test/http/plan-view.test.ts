import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { newcomerId, Plan } from '../../src/api/plan.ts';
import { RingError } from '../../src/base/error.ts';
import { planView } from '../../src/http/plan-view.ts';
import type { PlanRequest } from '../../src/http/planned-operation.ts';
import { FakeNodePort, uuid } from './fake-node-port.ts';

/** Three members in three racks, the second dead; keyspace `users` with two replicas. */
function plan(request: Pick<PlanRequest, 'operation'> & Partial<PlanRequest>, port = new FakeNodePort()): Plan {
  const nothing = { hostId: null, token: null, keyspace: null, replication: null, datacenter: null, rack: null };
  const answer = planView(port, { ...nothing, tokens: 16, ...request });
  expect(Check(Plan, answer)).toBe(true);
  return answer;
}

/** Everybody lives. */
function healthy(): FakeNodePort {
  const port = new FakeNodePort();
  port.memberViews = port.memberViews.map((member) => ({ ...member, liveness: 'alive' }));
  return port;
}

describe('a plan', () => {
  it('of a decommission has the leaver as the only source, and each range that it was a replica of', () => {
    const { movements, possible, keyspaces, neededAlive } = plan({ operation: 'decommission' }, healthy());
    expect(possible).toBe(true);
    expect(new Set(movements.flatMap(({ sources }) => sources.map(({ hostId }) => hostId)))).toEqual(
      new Set([uuid(1)]),
    );
    const targets = movements.flatMap((movement) => movement.targets.map(({ hostId }) => hostId));
    expect(new Set(targets)).toEqual(new Set([uuid(2), uuid(3)]));
    expect(keyspaces).toMatchObject([{ keyspace: 'users', racks: { before: 2, after: 2, narrowedShare: 0 } }]);
    // The other replica could stand in for the leaver.
    expect(neededAlive.map(({ hostId }) => hostId)).toEqual([uuid(2), uuid(3)]);
  });

  it('says what would refuse it now, and whom it misses', () => {
    const { possible, refusals } = plan({ operation: 'decommission' });
    expect(possible).toBe(false);
    expect(refusals.join('\n')).toContain('10.0.0.2:7600');
    const port = healthy();
    port.beginBootstrap();
    expect(plan({ operation: 'add' }, port).refusals).toEqual([
      `bootstrap ${uuid(61)} of ${uuid(3)} is open, at begin since epoch 7`,
    ]);
    expect(plan({ operation: 'replace', hostId: uuid(3) }, healthy()).refusals).toEqual([
      '10.0.0.3:7600 is alive: only a dead node is replaced',
    ]);
  });

  it('says what the operation itself would be refused with, and whether it can be forced', () => {
    const port = healthy();
    const refused = (rule: string) => new RingError('REFUSED', `broken: ${rule}`, { details: { rule } });
    port.refusalNow = refused('drained');
    expect(plan({ operation: 'decommission' }, port)).toMatchObject({
      possible: false,
      refusals: ['broken: drained'],
      forcible: false,
    });
    port.refusalNow = refused('tooFewReplicas');
    expect(plan({ operation: 'decommission' }, port)).toMatchObject({
      possible: false,
      refusals: ['broken: tooFewReplicas'],
      forcible: true,
    });
    // A joiner asks by itself, and is judged by other rules.
    expect(plan({ operation: 'add' }, port)).toMatchObject({ possible: true, refusals: [] });
  });

  it('of one more node gives it so many tokens, and it alone gains', () => {
    const { subjects, movements, possible } = plan({ operation: 'add', tokens: 4, rack: 'rack4' }, healthy());
    expect(possible).toBe(true);
    expect(subjects).toMatchObject([{ hostId: newcomerId, address: null }]);
    expect(subjects[0]!.tokens).toHaveLength(4);
    expect(movements.length).toBeGreaterThan(0);
    for (const { targets } of movements) expect(targets).toEqual([{ hostId: newcomerId, address: null }]);
  });

  it('of one more node in a second of three racks is made without regard to racks, as the join would be', () => {
    const port = healthy();
    port.memberViews = port.memberViews.map((member) => ({ ...member, rack: 'rack1' }));
    const users = port.schemaView.definitions[0]!;
    const replication = { class: 'NetworkTopologyStrategy', dc1: '3' };
    port.schemaView = { ...port.schemaView, definitions: [{ ...users, replication }] };
    const { subjects, possible } = plan({ operation: 'add', tokens: 4, rack: 'rack2' }, port);
    expect(possible).toBe(true);
    expect(subjects[0]!.tokens).toHaveLength(4);
  });

  it('of a replace gives the new node the tokens of the dead one', () => {
    const { subjects, movements } = plan({ operation: 'replace', hostId: uuid(2) });
    expect(subjects[0]!.tokens).toEqual(['-3000000000000000000', '6000000000000000000']);
    for (const { sources } of movements) expect(sources.map(({ hostId }) => hostId)).not.toContain(uuid(2));
  });

  it('of another replication factor moves nothing when replicas are only given up', () => {
    const replication = { class: 'SimpleStrategy', replication_factor: 1 };
    const { movements, keyspaces } = plan({ operation: 'alter', keyspace: 'users', replication }, healthy());
    expect(movements).toEqual([]);
    expect(keyspaces[0]!.changedShare).toBeCloseTo(1);
  });

  it.each([
    [{ operation: 'decommission', hostId: uuid(9) }, 'UNKNOWN_NODE'],
    [{ operation: 'replace' }, 'INVALID_ARGUMENT'],
    [{ operation: 'removenode' }, 'INVALID_ARGUMENT'],
    [{ operation: 'move' }, 'INVALID_ARGUMENT'],
    [{ operation: 'alter', keyspace: 'nope', replication: {} }, 'UNKNOWN_KEYSPACE'],
    [{ operation: 'alter', keyspace: 'users' }, 'INVALID_ARGUMENT'],
    [
      { operation: 'alter', keyspace: 'users', replication: { class: 'NetworkTopologyStrategy', mars: 1 } },
      'UNKNOWN_DATACENTER',
    ],
  ] as const)('of %j is refused', (request, code) => {
    expect(() => plan(request)).toThrow(expect.objectContaining({ code }));
  });

  it('changes nothing', () => {
    const port = new FakeNodePort();
    plan({ operation: 'removenode', hostId: uuid(2) }, port);
    expect(port.calls).toEqual([]);
  });
});
