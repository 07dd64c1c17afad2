import { expect, it } from 'vitest';
import type { Delta } from '../../src/gossip/delta.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import { clusterAnswerParts } from '../../src/lifecycle/cluster-answer.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/message-codec.ts';
import { isRejection } from '../../src/wire/rejection.ts';
import { give, hostOf, now, started } from './gossip-fixtures.ts';

/** What one host says beyond all bounds, in deltas that are each within them. */
function slicesOf(slices: number, keys: number, value: string | null): Delta[] {
  return Array.from({ length: slices }, (_, slice) => ({
    hostId: hostOf(2),
    generation: 5,
    counter: 'state' as const,
    from: slice,
    to: slice + 1,
    entries: Array.from({ length: keys }, (_, key) => {
      const name = `K${slice}.${key}`;
      return [name, versionedValue(name, value, slice + 1)] as const;
    }),
  }));
}

it.each([
  ['keys', 3, 500, 'v'],
  ['bytes', 9, 1, 'v'.repeat(16_000)],
] as const)(
  'a state of too many %s is not taken: what is passed on of it would be refused with all that comes along',
  (_, slices, keys, value) => {
    const holder = started(1, 5);
    const refused = slicesOf(slices, keys, value).flatMap((delta) => {
      // Each arrives as a message of its own.
      const { message } = decoded({ kind: 'ack2', deltas: [delta] });
      return give(holder, hostOf(2), message.kind === 'ack2' ? message.deltas : []).refused;
    });
    expect(refused[0]).toMatchObject({ hostId: hostOf(2), reason: 'oversized' });
    const { reply } = holder.receive(now, hostOf(3), started(3, 5).syn());
    expect(reply?.kind === 'ack' && decoded(reply).bytes).toBeLessThan(64 * 1024);
    const states = holder.wholeState(hostOf(2));
    const answer = { round: '0123456789abcdef', clusterId: hostOf(9), wallMs: 0, snapshot: null, records: [], states };
    for (const part of clusterAnswerParts(answer)) expect(decoded(part).bytes).toBeLessThan(64 * 1024);
  },
);

it('a message tells one delta of a host and counter, and is answered once a host, however often it says the same', () => {
  const holder = started(1, 5);
  const [first, second] = slicesOf(2, 1, 'v');
  const { changes, refused } = give(holder, hostOf(2), [first!, second!, second!]);
  expect(changes).toHaveLength(1);
  expect(refused.map(({ reason }) => reason)).toEqual(['malformed', 'malformed']);
  const requests = [1, 2, 1, 1].map((index) => ({ hostId: hostOf(index), generation: 0, version: 0, bulkVersion: 0 }));
  const { reply } = holder.receive(now, hostOf(3), { kind: 'ack', requests, deltas: [] });
  expect(reply?.kind === 'ack2' && reply.deltas.map(({ hostId, counter }) => [hostId, counter])).toEqual([
    [hostOf(1), 'state'],
    [hostOf(1), 'bulk'],
    [hostOf(2), 'state'],
  ]);
});

function decoded(message: Parameters<typeof encodeMessage>[1]) {
  const bytes = encodeMessage(hostOf(1), message);
  const read = decodeMessage(bytes);
  if (isRejection(read)) throw new Error(`${read.reason}: ${read.detail}`);
  return { message: read.message, bytes: bytes.length };
}
