import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochMessage } from '../../src/epoch/epoch-message.ts';
import type { ProposalOutcome } from '../../src/epoch/epoch-register.ts';
import { votersOf } from '../../src/epoch/ring-state.ts';
import { RegisterWorld, type SimNode } from './register-world.ts';
import { begin, draft, fold, found, history, operationId, ringOf, subject, uuid } from './ring-fixtures.ts';

const id = operationId(50);

function worldOf(voters: number, records = ringOf(voters)): { world: RegisterWorld; nodes: SimNode[] } {
  const world = new RegisterWorld(7);
  const nodes = Array.from({ length: voters }, (_, n) => world.add(uuid(n), records));
  world.run(100);
  return { world, nodes };
}

/** Ids begin anew with each life of a node, so the last one counts. */
const outcomeOf = (node: SimNode, proposal: number): ProposalOutcome | undefined =>
  node.events.flatMap((event) => (event.kind === 'proposal' && event.id === proposal ? [event.outcome] : [])).at(-1);
const epochOf = (node: SimNode | undefined): number => node!.register!.position.epoch;
const join = (n: number, operation = id) => begin('bootstrap', operation, [subject(n)]);

describe('the register', () => {
  it('decides found alone, once it is on disk', () => {
    const world = new RegisterWorld(1);
    const node = world.add(uuid(0));
    const proposal = world.propose(node, found(0));
    expect([node.register!.state, node.register!.proposing]).toEqual([null, true]);
    world.run(1_000);
    expect(outcomeOf(node, proposal)?.kind).toBe('decided');
    expect(node.store.records.map((record) => record.kind)).toEqual(['found']);
  });

  it('decides a forced record alone, and says nothing of it before it is on disk', () => {
    const { world, nodes } = worldOf(3);
    const [node, silent, other] = nodes as [SimNode, SimNode, SimNode];
    world.crash(silent);
    world.maxCommitMs = 1_000;
    const onDisk = (): boolean => node.store.records.at(-1)?.kind === 'remove';
    const early: string[] = [];
    world.passes = (from, _, message) => {
      if (from === node.hostId && message.kind === 'records' && !onDisk()) early.push('told others');
      return true;
    };
    const proposal = world.propose(node, draft('remove', id, [{ hostId: silent.hostId, tokens: [] }]), 'forced');
    expect(outcomeOf(node, proposal)).toBeUndefined();
    world.run(5_000, () => {
      if (!onDisk() && node.register!.state!.removed.size > 0) early.push('in force');
      if (!onDisk() && outcomeOf(node, proposal) !== undefined) early.push('answered');
      return false;
    });
    expect(early).toEqual([]);
    expect(outcomeOf(node, proposal)).toMatchObject({ kind: 'decided', record: { kind: 'remove' } });
    expect(epochOf(other)).toBe(epochOf(node));
  });

  it('gives up a forced record that another one of the majority comes before, on disk as well', () => {
    const { world, nodes } = worldOf(3);
    const [node, second] = nodes as [SimNode, SimNode];
    node.side = 1;
    world.propose(second, join(8));
    world.run(world.nowMs + 1_000);
    world.maxCommitMs = 1_000_000;
    const proposal = world.propose(node, draft('remove', id, [{ hostId: second.hostId, tokens: [] }]), 'forced');
    node.side = 0;
    world.gossip(node, second);
    world.run(world.nowMs + 1_000);
    expect(outcomeOf(node, proposal)).toMatchObject({ kind: 'superseded', record: { kind: 'begin' } });
    world.run(world.nowMs + 2_000_000);
    expect(node.register!.state!.removed.size).toBe(0);
    expect(node.store.records.map(({ kind }) => kind).slice(-2)).toEqual(['end', 'begin']);
  });

  it('decides alone in a ring of one, a step after the other', () => {
    const { world, nodes } = worldOf(1);
    for (const next of [join(1), draft('switch', id)]) {
      world.propose(nodes[0]!, next);
      world.run(world.nowMs + 100);
    }
    expect(nodes[0]!.register!.state?.operation?.step).toBe('switch');
  });

  it('never answers a proposal from within propose', () => {
    const { world, nodes } = worldOf(1);
    const proposal = world.propose(nodes[0]!, draft('switch', id));
    expect(outcomeOf(nodes[0]!, proposal)).toBeUndefined();
    world.run(200);
    const outcome = outcomeOf(nodes[0]!, proposal);
    expect(outcome?.kind === 'refused' && outcome.error.code).toBe('UNKNOWN_OPERATION');
  });

  it('lets one of switch and abort win an epoch, and tells the other which record superseded it', () => {
    const { world, nodes } = worldOf(3);
    world.propose(nodes[0]!, join(8));
    world.run(1_000);
    const left = world.propose(nodes[1]!, draft('switch', id));
    const right = world.propose(nodes[2]!, draft('abort', id));
    world.run(10_000);
    const outcomes = [outcomeOf(nodes[1]!, left), outcomeOf(nodes[2]!, right)];
    expect(outcomes.map((outcome) => outcome?.kind).sort()).toEqual(['decided', 'superseded']);
    for (const outcome of outcomes) expect(outcome).toHaveProperty('record.epoch', epochOf(nodes[0]));
    expect(world.referee.forks.size).toBe(0);
  });

  it('lets a joiner propose a step of its own operation, without a vote', () => {
    const { world, nodes } = worldOf(3);
    const joiner = world.add(uuid(8));
    world.propose(nodes[0]!, join(8));
    world.run(1_000);
    world.adopt(joiner, nodes[0]!);
    const proposal = world.propose(joiner, draft('switch', id));
    world.run(3_000);
    expect(outcomeOf(joiner, proposal)?.kind).toBe('decided');
    expect(votersOf(nodes[0]!.register!.state!)).not.toContain(joiner.hostId);
  });

  it('completes the record of a proposer that died after one acceptance, and no other', () => {
    const { world, nodes } = worldOf(3);
    world.passes = (_, to, message) => message.kind !== 'accept' || to === uuid(1);
    world.propose(nodes[0]!, join(8));
    world.run(1_000, () => nodes[1]!.store.acceptor?.accepted != null);
    world.crash(nodes[0]!);
    world.passes = () => true;
    world.run(15_000);
    expect([epochOf(nodes[1]), epochOf(nodes[2])]).toEqual([5, 5]);
    expect(nodes[2]!.register!.state?.operation?.operationId).toBe(id);
  });

  it('waits for a majority, names who is missing, and goes on when it is back', () => {
    const { world, nodes } = worldOf(3);
    world.crash(nodes[1]!);
    world.crash(nodes[2]!);
    const proposal = world.propose(nodes[0]!, join(8));
    world.run(20_000);
    expect(nodes[0]!.events).toContainEqual({ kind: 'noMajority', epoch: 5, missing: [uuid(1), uuid(2)] });
    world.start(nodes[2]!);
    world.run(35_000);
    expect(outcomeOf(nodes[0]!, proposal)?.kind).toBe('decided');
  });

  it('forgets a withdrawn proposal that nobody has accepted', () => {
    const { world, nodes } = worldOf(3);
    world.passes = () => false;
    const proposal = world.propose(nodes[0]!, join(8));
    world.run(1_000);
    nodes[0]!.register!.withdraw(proposal);
    world.passes = () => true;
    world.run(20_000);
    expect([outcomeOf(nodes[0]!, proposal), epochOf(nodes[0])]).toEqual([undefined, 4]);
  });
});

describe('catching up', () => {
  it('brings a voter that is behind up before it votes', () => {
    const { world, nodes } = worldOf(3);
    world.crash(nodes[2]!);
    world.propose(nodes[0]!, join(8));
    world.run(1_000);
    world.start(nodes[2]!);
    world.crash(nodes[1]!);
    const proposal = world.propose(nodes[0]!, draft('switch', id));
    world.run(20_000);
    expect(outcomeOf(nodes[0]!, proposal)?.kind).toBe('decided');
    expect(epochOf(nodes[2])).toBe(6);
  });

  it('keeps the last 1,000 records, and hands a node that is further behind the fold of the rest', () => {
    const alter = { keyspace: 'k', replication: { class: 'SimpleStrategy' } };
    const base = ringOf(2);
    const more = Array.from({ length: 2_400 }, (_, n) =>
      draft('alterReplication', operationId(100 + n), [], { alter }),
    );
    const whole = [...base, ...history(more, fold(base))];
    const world = new RegisterWorld(3);
    const full = world.add(uuid(0), whole);
    const late = world.add(uuid(1), base);
    expect(full.register!.log.records).toHaveLength(1_000);
    world.gossip(late, full);
    world.run(5_000);
    expect(late.register!.position).toEqual(full.register!.position);
    expect(late.register!.state).toEqual(full.register!.state);
    world.crash(late);
    world.start(late);
    expect(late.register!.position).toEqual(full.register!.position);
  });

  it('adopts a sound history whole, and an unsound one not at all', () => {
    const { world, nodes } = worldOf(2);
    const stranger = world.add(uuid(9));
    const [first, , third] = nodes[0]!.register!.log.records;
    const effects = { send() {}, schedule() {}, commit() {}, save() {}, emit() {} };
    const now = { monotonicMs: 0, wallMs: 0 };
    expect(stranger.register!.adopt(now, null, [first!, third!], effects)?.code).toBe('REFUSED');
    expect(stranger.register!.state).toBeNull();
    world.adopt(stranger, nodes[0]!);
    expect(stranger.register!.position).toEqual(nodes[0]!.register!.position);
    expect(() => world.adopt(stranger, nodes[0]!)).toThrow('already');
  });
});

describe('two records for one epoch', () => {
  /** Voter 1 accepts a record of voter 0, forgets it, and decides another with voter 2, while voter 0 is away. */
  function forked(): { world: RegisterWorld; nodes: SimNode[] } {
    const { world, nodes } = worldOf(3);
    const copy = nodes[1]!.store.copy();
    world.passes = (_, to) => to !== uuid(2);
    world.propose(nodes[0]!, join(8));
    world.run(1_000);
    world.crash(nodes[0]!);
    world.crash(nodes[1]!);
    nodes[1]!.store = copy;
    world.start(nodes[1]!);
    world.passes = () => true;
    world.propose(nodes[2]!, join(9));
    world.run(20_000);
    return { world, nodes };
  }

  it('are possible where no live voter remembers; then both sides show the fork and neither gives way', () => {
    const { world, nodes } = forked();
    expect([...world.referee.forks]).toEqual([5]);
    world.start(nodes[0]!);
    world.gossip(nodes[0]!, nodes[2]!);
    world.run(22_000);
    for (const node of [nodes[0]!, nodes[2]!]) {
      expect(node.events.filter((event) => event.kind === 'fork')).toHaveLength(1);
      expect(node.register!.fork?.mine).toEqual(node.register!.position);
    }
    expect(nodes[0]!.register!.fork?.theirs).toEqual(nodes[2]!.register!.position);
    expect(epochOf(nodes[0])).toBe(5);
    const proposal = world.propose(nodes[0]!, draft('switch', id));
    world.run(23_000);
    const outcome = outcomeOf(nodes[0]!, proposal);
    expect(outcome?.kind === 'refused' && outcome.error.code).toBe('FORKED');
  });

  it('are prevented among many voters too: a few remember each, though its proposer is gone, and no record tells of all', () => {
    const { world, nodes } = worldOf(20);
    const [proposer, victim] = [nodes[0]!, nodes[7]!];
    const copy = victim.store.copy();
    let most = 0;
    world.passes = (_from, _to, message) => {
      if (message.kind === 'records') most = Math.max(most, message.votes.length);
      return true;
    };
    world.propose(proposer, join(30));
    world.run(2_000);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(5);
    world.crash(proposer);
    world.crash(victim);
    victim.store = copy;
    world.start(victim);
    world.run(9_000);
    expect(victim.register!.restored).toBe(true);
  });

  it('are prevented where the one who remembers is back in time: the restored voter votes no more', () => {
    const { world, nodes } = worldOf(3);
    const copy = nodes[1]!.store.copy();
    world.propose(nodes[0]!, join(8));
    world.run(2_000);
    world.crash(nodes[1]!);
    nodes[1]!.store = copy;
    world.start(nodes[1]!);
    world.run(4_000);
    expect(nodes[1]!.register!.restored).toBe(true);
    expect(nodes[1]!.events).toContainEqual(expect.objectContaining({ kind: 'restored', commitNumber: 0 }));
    const proposal = world.propose(nodes[1]!, draft('switch', id));
    world.run(5_000);
    const outcome = outcomeOf(nodes[1]!, proposal);
    expect(outcome?.kind === 'refused' && outcome.error.message).toContain('older than what it told others');
  });
});

it('drops whatever comes from outside that does not fit, and changes nothing', () => {
  const base = ringOf(3);
  const foreign = [...base, ...history([join(9)], fold(base))];
  const epoch = fc.integer({ min: 0, max: 8 });
  const hash = fc.constantFrom('0'.repeat(32), 'f'.repeat(32), ...foreign.map((record) => record.previous));
  const hostId = fc.constantFrom(uuid(0), uuid(1), uuid(2), uuid(77));
  const ballot = fc.record({ round: fc.integer({ min: 1, max: 9 }), hostId });
  const number = fc.integer({ min: 0, max: 3 });
  const position = fc.record({ epoch, chainHash: hash, lineage: fc.constant(uuid(1, 1)) });
  const record = fc
    .tuple(fc.constantFrom(...base), fc.record({ epoch, previous: hash, lineage: hostId }))
    .map(([honest, lie]) => ({ ...honest, ...lie }));
  const accepted = fc.option(fc.record({ ballot, record }));
  const message: fc.Arbitrary<EpochMessage> = fc.oneof(
    fc.record({ kind: fc.constant('promise' as const), epoch, ballot, accepted, commitNumber: number }),
    fc.record({ kind: fc.constant('accept' as const), epoch, ballot, record, known: fc.constant(0) }),
    fc.record({ kind: fc.constant('accepted' as const), epoch, ballot, commitNumber: number }),
    fc.record({
      kind: fc.constant('reject' as const),
      epoch,
      ballot,
      reason: fc.constantFrom('ballot' as const, 'behind' as const, 'fork' as const),
      promised: fc.option(ballot),
      at: position,
    }),
    fc.record({
      kind: fc.constant('records' as const),
      after: position,
      snapshot: fc.constant(null),
      records: fc.array(record, { maxLength: 3 }),
      votes: fc.constant([]),
    }),
    fc.record({ kind: fc.constant('recordsRequest' as const), at: position }),
    fc.record({ kind: fc.constant('recalled' as const), known: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(hostId, message), { maxLength: 20 }), (arrivals) => {
      const { world, nodes } = worldOf(3);
      const { register } = nodes[0]!;
      const before = register!.position;
      const effects = { send() {}, schedule() {}, commit() {}, save() {}, emit() {} };
      for (const [from, each] of arrivals)
        register!.receive({ monotonicMs: world.nowMs, wallMs: 0 }, from, each, effects);
      expect(register!.position).toEqual(before);
    }),
    { numRuns: 150, seed: 1 },
  );
});
