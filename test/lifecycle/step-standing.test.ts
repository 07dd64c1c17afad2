import { describe, expect, it } from 'vitest';
import type { OperationAnswer } from '../../src/lifecycle/lifecycle-message.ts';
import { type StepFacts, stepStanding } from '../../src/lifecycle/step-standing.ts';
import { openBootstrap } from './open-bootstrap.ts';

const [ring, other] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'];

const answer = (change: Partial<OperationAnswer> = {}): OperationAnswer => ({
  kind: 'operationAnswer',
  operationId: 'op',
  epoch: 4,
  ringFingerprint: ring,
  keyspacesVersion: 'v1',
  movements: { total: 1, done: 1, ratio: 1, failed: null },
  ...change,
});

/** Three members, of which `c` joins; ranges of `a` and `b` change, and two of the three are a quorum. */
function facts(answers: Record<string, OperationAnswer>, change: Partial<StepFacts> = {}): StepFacts {
  const group = { replicas: ['a', 'b'], needed: 1, keyspace: 'users', range: { left: 0n, right: 5n } };
  return {
    open: openBootstrap,
    needs: { barrier: { groups: [group], hosts: ['a', 'b'] }, gainers: new Set(['c']), losers: new Set(['a']) },
    members: ['a', 'b', 'c'],
    ringFingerprint: ring,
    keyspacesVersion: 'v1',
    patienceOver: true,
    abortable: true,
    givenUp: [],
    isAlive: () => true,
    answerOf: (hostId) => answers[hostId] ?? null,
    ...change,
  };
}

describe('the standing of a step', () => {
  it('is ready once all have acknowledged it, by one ring, and moved their data', () => {
    expect(stepStanding(facts({ a: answer(), b: answer(), c: answer() }))).toMatchObject({
      ready: true,
      asks: new Map(),
    });
  });

  it('waits without end for a live member that sees another ring, and says what to do; a dead one is not waited for', () => {
    const answers = { a: answer(), b: answer({ ringFingerprint: other }), c: answer() };
    const { ready, asks, waitingFor } = stepStanding(facts(answers));
    expect([ready, [...asks]]).toEqual([false, [['b', 'acknowledge']]]);
    expect(waitingFor).toEqual([expect.stringMatching(`^b sees another ring .*${other}.*${ring}.*ringctl status`)]);
    expect(stepStanding(facts(answers, { isAlive: (hostId) => hostId !== 'b' })).ready).toBe(true);
  });

  it('counts nobody into the barrier who sees another ring, dead or alive', () => {
    const answers = { a: answer({ ringFingerprint: other }), b: answer({ ringFingerprint: other }), c: answer() };
    const { ready, waitingFor } = stepStanding(facts(answers, { isAlive: (hostId) => hostId === 'c' }));
    expect([ready, waitingFor]).toEqual([
      false,
      ['a', 'b'].map((hostId) => expect.stringContaining(`${hostId} is to`)),
    ]);
  });

  it('counts no movement that was done by the ring of an earlier epoch', () => {
    const answers = { a: answer(), b: answer(), c: answer({ epoch: 3, ringFingerprint: other }) };
    const { ready, asks, waitingFor } = stepStanding(facts(answers));
    expect([ready, asks.get('c')]).toEqual([false, 'move']);
    expect(waitingFor).toEqual(['c is to begin its movements']);
  });

  it('names an abort only where one is possible, and else the removal of who does not come back', () => {
    const dead = { isAlive: (hostId: string) => hostId !== 'c' };
    const answers = { a: answer(), b: answer() };
    const waitingFor = (change: Partial<StepFacts>) => stepStanding(facts(answers, { ...dead, ...change })).waitingFor;
    expect(waitingFor({})).toEqual(['c is dead and has ranges to gain: start it, or abort']);
    expect(waitingFor({ abortable: false })).toEqual([
      'c is dead and has ranges to gain: start it, or remove it by force: ringctl assassinate c',
    ]);
  });

  it('waits at switch for no group of a newcomer that was given up, for all groups at begin, and always for the replicas before', () => {
    const groups = [
      { replicas: ['a', 'b'], needed: 2, keyspace: 'users', range: { left: 0n, right: 5n } },
      { replicas: ['b', 'c'], needed: 2, keyspace: 'users', range: { left: 0n, right: 5n } },
    ];
    const needs = {
      barrier: { groups, hosts: ['a', 'b', 'c'] },
      gainers: new Set<string>(),
      losers: new Set<string>(),
    };
    const standing = (step: 'begin' | 'switch', answers: Record<string, OperationAnswer>, givenUp = ['c']) =>
      stepStanding(
        facts(answers, {
          open: { ...openBootstrap, step },
          needs,
          givenUp,
          abortable: step === 'begin',
          isAlive: (hostId) => hostId !== 'c',
        }),
      ).waitingFor;
    const [a, b] = [answer(), answer()];
    expect(standing('switch', { a, b })).toEqual([]);
    expect(standing('switch', { a })).toEqual(['b is to acknowledge switch of epoch 4']);
    expect(standing('switch', { a, b }, [])).toEqual([
      'c is to acknowledge switch of epoch 4, and is dead: start it, or remove it by force: ringctl assassinate c',
    ]);
    expect(standing('begin', { a, b })).toEqual([
      'c is to acknowledge begin of epoch 4, and is dead: start it, or abort',
    ]);
  });
});
