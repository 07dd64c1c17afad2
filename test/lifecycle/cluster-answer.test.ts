import { describe, expect, it } from 'vitest';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import type { RingSnapshot } from '../../src/epoch/ring-snapshot.ts';
import { stateOfSnapshot } from '../../src/epoch/ring-state.ts';
import { wholeDeltas } from '../../src/gossip/build-delta.ts';
import type { Delta } from '../../src/gossip/delta.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import { ClusterAnswer, clusterAnswerParts } from '../../src/lifecycle/cluster-answer.ts';
import { withoutRecordedTokens, withRecordedTokens } from '../../src/lifecycle/recorded-tokens.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';
import { encodeTokens } from '../../src/token/token-list.ts';
import { encodeMessage } from '../../src/wire/message-codec.ts';
import { maxStreamFrameBytes } from '../../src/wire/stream-framing.ts';

const random = new SeededRandom(5);
const hostOf = (index: number): string => `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

function snapshotOf(size: number): RingSnapshot {
  return {
    clusterId: hostOf(1),
    clusterName: 'answered',
    detector: 'swim',
    lineage: hostOf(2),
    epoch: 3 * size,
    chainHash: 'ab'.repeat(16),
    members: Array.from({ length: size }, (_, index) => ({
      hostId: hostOf(index),
      state: 'normal' as const,
      tokens: randomTokens(16, random, () => false),
      sinceEpoch: 3 * index + 1,
    })),
    operation: null,
    removed: [{ hostId: hostOf(size), epoch: 2 }],
  };
}

/** What a member of a real cluster says of itself. */
function statesOf({ members }: RingSnapshot): Delta[] {
  return members.flatMap(({ hostId, tokens, sinceEpoch }, index) => {
    const values: [string, string][] = [
      ['STATUS', `NORMAL,${sinceEpoch}`],
      ['TOKENS', `${sinceEpoch},${encodeTokens(tokens)}`],
      ['DC', 'datacenter1'],
      ['RACK', `rack${index % 5}`],
      ['ADDRESS', `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}:7600`],
      ['HTTP_ADDRESS', `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}:7680`],
      ['RELEASE_VERSION', '1.0.0'],
      ['BOOT_NONCE', '0123456789abcdef'],
      ['x:weight', '100'],
      ['LOAD', '123456789012'],
      ['SCHEMA', hostOf(7)],
      ['RING', `${3 * members.length},${'ab'.repeat(16)},${'cd'.repeat(8)}`],
    ];
    const version = 70_000;
    return wholeDeltas({
      hostId,
      generation: 1_760_000_000,
      version,
      bulkVersion: version,
      values: new Map(values.map(([key, value]) => [key, versionedValue(key, value, version)])),
      floor: 0,
      bulkFloor: 0,
    });
  });
}

const partsOf = (snapshot: RingSnapshot, states: readonly Delta[]) =>
  clusterAnswerParts({ round: '00'.repeat(8), clusterId: hostOf(1), wallMs: 1, snapshot, records: [], states });

describe('the answer of a cluster', () => {
  it('of 10,000 members takes at most 6 MB, in parts that each fit what a stranger may send', () => {
    const snapshot = snapshotOf(10_000);
    const state = stateOfSnapshot(snapshot)!;
    const parts = partsOf(
      snapshot,
      statesOf(snapshot).map((delta) => withoutRecordedTokens(delta, state)),
    );
    const sizes = parts.map((part) => encodeMessage(hostOf(0), part).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(maxStreamFrameBytes - 21);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(6_000_000);
  });

  it('is whole again once every part has come, in any order and repeated, and not before', () => {
    const snapshot = snapshotOf(1_000);
    const states = statesOf(snapshot);
    const parts = shuffle(partsOf(snapshot, states), random);
    expect(parts.length).toBeGreaterThan(5);
    const answer = new ClusterAnswer();
    for (const part of parts.slice(1)) {
      expect(answer.add(part)).toBe(false);
      expect(answer.add(part)).toBe(false);
    }
    expect(answer.add(parts[0]!)).toBe(true);
    expect(answer.snapshot).toEqual(snapshot);
    expect(answer.states).toEqual(states);
  });

  it('leaves tokens out that the history says, and puts them in again; with another history it gives no state', () => {
    const snapshot = snapshotOf(3);
    const state = stateOfSnapshot(snapshot)!;
    const states = statesOf(snapshot);
    const stale: Delta = { ...states[0]!, entries: [['TOKENS', versionedValue('TOKENS', '0,AAAAAAAAAAA=', 70_000)]] };
    for (const delta of [...states, stale]) {
      const sent = withoutRecordedTokens(delta, state);
      expect(withRecordedTokens(sent, state)).toEqual(delta);
    }
    const sent = withoutRecordedTokens(states[0]!, state);
    expect(JSON.stringify(sent)).not.toContain(encodeTokens(snapshot.members[0]!.tokens));
    const moved = { ...snapshot.members[0]!, tokens: [1n], sinceEpoch: 99 };
    expect(withRecordedTokens(sent, { ...state, members: new Map([[moved.hostId, moved]]) })).toBeNull();
    expect(withRecordedTokens(sent, { ...state, members: new Map() })).toBeNull();
  });
});
