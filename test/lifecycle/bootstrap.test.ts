import { describe, expect, it } from 'vitest';
import type { RingRecord } from '../../src/epoch/ring-record.ts';
import type { RecordedMember, RingState } from '../../src/epoch/ring-state.ts';
import { Bootstrap, type BootstrapPort } from '../../src/lifecycle/bootstrap.ts';
import type { JoinRequest, ReplaceRequest } from '../../src/lifecycle/lifecycle-message.ts';

const joiner = '00000000-0000-4000-8000-000000000009';
const voter = '00000000-0000-4000-8000-000000000001';

const stateOf = (...members: RecordedMember[]): RingState => ({
  clusterId: 'c',
  clusterName: 'c',
  detector: 'swim',
  lineage: 'l',
  epoch: 1,
  chainHash: '',
  members: new Map(members.map((member) => [member.hostId, member])),
  operation: null,
  removed: new Map(),
});
const owner: RecordedMember = { hostId: voter, state: 'normal', tokens: [1n], sinceEpoch: 1 };
const named: RecordedMember = { hostId: joiner, state: 'joining', tokens: [3n, 4n], sinceEpoch: 2 };
const record = (kind: RingRecord['kind'], epoch: number): RingRecord => ({ kind, epoch }) as RingRecord;

function joining(options: { initialTokens?: bigint[]; remembered?: bigint[] } = {}) {
  const asked: (JoinRequest | ReplaceRequest)[] = [];
  const remembered: (readonly bigint[])[] = [];
  const port: BootstrapPort = {
    isAlive: () => true,
    blocked: () => null,
    ask: (_voter, request) => asked.push(request),
    schedule: () => {},
    remember: (tokens) => remembered.push(tokens),
    log: () => {},
  };
  const bootstrap = new Bootstrap({
    hostId: joiner,
    count: options.initialTokens?.length ?? 2,
    replaces: null,
    strict: true,
    initialTokens: options.initialTokens ?? [],
    remembered: options.remembered ?? [],
    blockedTimeoutMs: 1_000,
  });
  bootstrap.begin(stateOf(owner), port);
  return { bootstrap, port, asked, remembered };
}

const refusal = { kind: 'joinAnswer', outcome: 'refused', reason: '1 tokens are taken', taken: [5n] } as const;

describe('bootstrap', () => {
  it('asks for a number of tokens, and leaves the choice to the voter', () => {
    expect(joining().asked).toEqual([{ kind: 'joinRequest', tokens: [], count: 2, strict: true }]);
  });

  it('remembers the tokens that a begin gave it, and asks for the same after an abort', () => {
    const { bootstrap, port, asked, remembered } = joining();
    bootstrap.decided(record('begin', 2), stateOf(owner, named), port);
    bootstrap.decided(record('abort', 3), stateOf(owner), port);
    bootstrap.timer(1, stateOf(owner), port);
    expect(remembered).toEqual([[3n, 4n]]);
    expect(asked.at(-1)).toEqual({ kind: 'joinRequest', tokens: [3n, 4n], count: 2, strict: true });
  });

  it('asks for any tokens once remembered ones are taken, or are not as many as it wants now', () => {
    const { bootstrap, port, asked } = joining({ remembered: [5n, 6n] });
    expect(asked[0]).toMatchObject({ tokens: [5n, 6n] });
    expect(bootstrap.answered(voter, refusal, stateOf(owner), port)).toBeNull();
    expect(asked.at(-1)).toEqual({ kind: 'joinRequest', tokens: [], count: 2, strict: true });
    expect(joining({ remembered: [5n] }).asked[0]).toMatchObject({ tokens: [] });
  });

  it('gives up when its initial tokens are taken', () => {
    const { bootstrap, port } = joining({ initialTokens: [5n] });
    expect(bootstrap.answered(voter, refusal, stateOf(owner), port)).toMatchObject({
      kind: 'failed',
      error: { code: 'REFUSED', hint: expect.stringContaining('--initial-tokens') },
    });
  });
});
