import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import type { RecordedMember, RingState } from '../../src/epoch/ring-state.ts';
import { assignTokens, type Joiner, type TokenPlaces } from '../../src/lifecycle/token-assignment.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';

const hostId = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

function ringOf(hosts: number, tokens: number): RingState {
  const random = new SeededRandom(hosts);
  const members = Array.from({ length: hosts }, (_, index): [string, RecordedMember] => {
    const member = { hostId: hostId(index), state: 'normal', sinceEpoch: 1 } as const;
    return [member.hostId, { ...member, tokens: randomTokens(tokens, random, () => false) }];
  });
  return { members: new Map(members), operation: null } as unknown as RingState;
}

const joiners = (count: number): Joiner[] =>
  Array.from({ length: count }, (_, index) => ({ hostId: hostId(900 + index), tokens: [], count: 16 }));

function placesOf(change: Partial<TokenPlaces> = {}): TokenPlaces & { readonly logged: string[] } {
  const logged: string[] = [];
  return {
    logged,
    placeOf: () => ({ datacenter: 'dc1', rack: 'rack1' }),
    replicationIn: () => ({ replicationFactor: 3, rackAware: true }),
    log: (_level, event) => logged.push(event),
    ...change,
  };
}

describe('token assignment', () => {
  it('T05 simultaneous allocation: joiners with one view get different tokens, and none that another insists on', () => {
    const state = ringOf(4, 16);
    const wanted = assignTokens(joiners(1), state, placesOf())[0]!.tokens;
    const insisting = { hostId: hostId(999), tokens: wanted.slice(0, 2), count: 2 };
    const subjects = assignTokens([...joiners(5), insisting], state, placesOf());
    expect(subjects.map(({ tokens }) => tokens.length)).toEqual([16, 16, 16, 16, 16, 2]);
    const owned = [...state.members.values(), ...subjects].flatMap(({ tokens }) => tokens);
    expect(new Set(owned).size).toBe(owned.length);
  });

  it('balances within the datacenter of the joiner alone', () => {
    const state = ringOf(3, 16);
    const elsewhere = placesOf({
      placeOf: (id) => ({ datacenter: id < hostId(900) ? 'dc2' : 'dc1', rack: 'rack1' }),
    });
    const [first] = assignTokens(joiners(1), state, elsewhere);
    const gaps = first!.tokens.slice(1).map((token, index) => Number(token - first!.tokens[index]!));
    expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(1.001);
  });

  it('says so when racks had to be left out, but not while each host holds everything anyway', () => {
    const racks = placesOf({ placeOf: (id) => ({ datacenter: 'dc1', rack: `rack${Number(id.at(-1)) % 2}` }) });
    expect(assignTokens(joiners(1), ringOf(2, 16), racks)).toHaveLength(1);
    expect(racks.logged).toEqual([]);
    expect(assignTokens(joiners(1), ringOf(4, 16), racks)).toHaveLength(1);
    expect(racks.logged).toEqual(['allocatedWithoutRacks']);
  });

  it('takes as many joiners as one step has time for, and at least one', () => {
    const large = ringOf(40, 256);
    expect(assignTokens(joiners(8), large, placesOf())).toHaveLength(4);
    const greedy = { hostId: hostId(950), tokens: [], count: 80 };
    expect(assignTokens([greedy, greedy], large, placesOf())).toHaveLength(1);
  });
});
