import { expect, it } from 'vitest';
import { Acceptor, type AcceptorPort } from '../../src/epoch/acceptor.ts';
import type { AcceptorState } from '../../src/epoch/acceptor-state.ts';
import type { Accept } from '../../src/epoch/epoch-message.ts';
import { found, history, operationId, uuid } from './ring-fixtures.ts';

const [first] = history([found(0)]);
const [other] = history([{ ...found(1), operationId: operationId(9) }]);
const ballot = (round: number, host = 1) => ({ round, hostId: uuid(host) });
const accept = (round: number, record = first!): Accept => ({
  kind: 'accept',
  epoch: 1,
  ballot: ballot(round),
  record,
  known: 0,
});

/** An acceptor with a slow disk: `sync` makes its commits durable. */
function acceptorOnSlowDisk() {
  const commits: AcceptorState[] = [];
  const said: string[] = [];
  const port: AcceptorPort = {
    commit: (state) => commits.push(state),
    answer: (to, message) =>
      said.push(`${message.kind} ${message.ballot.round} to ${to.slice(-1)} (${message.commitNumber})`),
  };
  const acceptor = new Acceptor();
  const sync = (): void => {
    for (const state of commits.splice(0)) acceptor.committed(state, port);
  };
  return { acceptor, port, said, commits, sync };
}

it('says nothing of a promise or an acceptance before it is on disk, then says it once', () => {
  const { acceptor, port, said, sync } = acceptorOnSlowDisk();
  acceptor.prepare(uuid(1), { epoch: 1, ballot: ballot(5) }, port);
  acceptor.prepare(uuid(1), { epoch: 1, ballot: ballot(5) }, port);
  acceptor.accept(uuid(1), accept(5), port);
  expect(said).toEqual([]);
  sync();
  expect(said).toEqual(['promise 5 to 1 (1)', 'accepted 5 to 1 (2)']);
});

it('rejects every ballot below its promise, and names the promise', () => {
  const { acceptor, port } = acceptorOnSlowDisk();
  acceptor.prepare(uuid(2), { epoch: 1, ballot: ballot(5, 2) }, port);
  expect(acceptor.prepare(uuid(1), { epoch: 1, ballot: ballot(5, 1) }, port)).toEqual({ promised: ballot(5, 2) });
  expect(acceptor.accept(uuid(1), accept(5), port)).toEqual({ promised: ballot(5, 2) });
  expect(acceptor.state.accepted).toBeNull();
});

it('keeps the first of two records under one ballot', () => {
  const { acceptor, port } = acceptorOnSlowDisk();
  acceptor.accept(uuid(1), accept(5), port);
  expect(acceptor.accept(uuid(1), accept(5, other), port)).not.toBeNull();
  expect(acceptor.state.accepted?.record).toBe(first);
});

it('answers a repeated request without another commit, and never resets its commit number', () => {
  const { acceptor, port, said, commits, sync } = acceptorOnSlowDisk();
  acceptor.accept(uuid(1), accept(5), port);
  sync();
  acceptor.accept(uuid(1), accept(5), port);
  expect([said.length, commits.length]).toEqual([2, 0]);
  acceptor.advanceTo(2);
  expect(acceptor.state).toEqual({ epoch: 2, promised: null, accepted: null, commitNumber: 1 });
  expect(acceptor.accept(uuid(1), accept(9), port)).toEqual({ promised: null });
});

it('tells a new proposer what it has accepted', () => {
  const { acceptor, port, sync } = acceptorOnSlowDisk();
  acceptor.accept(uuid(1), accept(5), port);
  let told: unknown = null;
  sync();
  acceptor.prepare(
    uuid(2),
    { epoch: 1, ballot: ballot(6, 2) },
    {
      commit: (state) => acceptor.committed(state, port),
      answer: (_, message) => {
        told = message.kind === 'promise' ? message.accepted?.record : null;
      },
    },
  );
  expect(told).toBe(first);
});
