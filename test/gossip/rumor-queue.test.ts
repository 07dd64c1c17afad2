import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RumorClass, RumorQueue, rumorSchedule, sendsOf } from '../../src/gossip/rumor-queue.ts';

const { batchMs, waveMs, fanout, heldMs } = rumorSchedule;
/** After the first half minute, and after the burst of a start is spent. */
const laterMs = 60_000;

const queueAt = (startedMs: number): RumorQueue<string> => new RumorQueue<string>(startedMs);
const keysOf = (due: readonly { readonly key: string }[]): string[] => due.map(({ key }) => key);

describe('the rumor queue', () => {
  it.each([
    { endpoints: 2, sends: 2 },
    { endpoints: 4, sends: 6 },
    { endpoints: 100, sends: 8 },
    { endpoints: 1_000, sends: 9 },
    { endpoints: 10_000, sends: 10 },
  ])('sends a rumor $sends times among $endpoints, in waves of four, the first when its batch closes', (each) => {
    const queue = queueAt(0);
    expect(sendsOf(each.endpoints, 'ring')).toBe(each.sends);
    queue.offer(0, 'ring', 'a', 'news', 100, each.sends);
    expect(queue.nextMs).toBe(batchMs);
    expect(queue.takeDue(batchMs - 1)).toEqual([]);
    let left = each.sends;
    for (let atMs = batchMs; left > 0; atMs += waveMs) {
      const copies = Math.min(fanout, left);
      expect(queue.takeDue(atMs)).toEqual([{ rumorClass: 'ring', key: 'a', payload: 'news', copies }]);
      expect(queue.takeDue(atMs + waveMs - 1)).toEqual([]);
      left -= copies;
    }
    expect(queue.nextMs).toBeNull();
  });

  it('puts newer news in the place of older, and tells it as often as if it were the first', () => {
    const queue = queueAt(0);
    queue.offer(0, 'application', 'a', 'old', 100, 8);
    queue.takeDue(batchMs);
    queue.offer(batchMs, 'application', 'a', 'new', 100, 8);
    expect(queue.waiting('application', 'a')).toBe('new');
    const told = [queue.takeDue(2 * batchMs), queue.takeDue(2 * batchMs + waveMs)].flat();
    expect(told.map(({ payload, copies }) => [payload, copies])).toEqual([
      ['new', 4],
      ['new', 4],
    ]);
  });

  it('tells liveness before ring before schema before application, and of one class the newest first', () => {
    const queue = queueAt(0);
    for (const each of ['application', 'schema', 'ring', 'liveness'] as const) {
      for (const key of ['older', 'newer']) queue.offer(0, each, `${each} ${key}`, '', 10, 8);
    }
    expect(keysOf(queue.takeDue(batchMs))).toEqual(
      ['liveness', 'ring', 'schema', 'application'].flatMap((each) => [`${each} newer`, `${each} older`]),
    );
  });

  it('never exceeds two kilobytes a second of a class by more than a burst and one wave, and starves no other class', () => {
    const bytes = 200;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 10 }), (perBatch, seconds) => {
        const queue = queueAt(-laterMs);
        let sent = 0;
        for (let atMs = 0; atMs < seconds * 1_000; atMs += batchMs) {
          for (let each = 0; each < perBatch; each++) queue.offer(atMs, 'application', `${atMs} ${each}`, '', bytes, 8);
          for (const { copies } of queue.takeDue(atMs)) sent += copies * bytes;
        }
        expect(sent).toBeLessThanOrEqual(2_048 * (seconds + 2) + 4 * bytes);
        expect(sent).toBeGreaterThanOrEqual(2_048 * (seconds - 1));
        queue.offer(seconds * 1_000, 'liveness', 'urgent', '', bytes, 8);
        expect(keysOf(queue.takeDue(seconds * 1_000 + batchMs))[0]).toBe('urgent');
      }),
      { numRuns: 8 },
    );
  });

  it('allows four times as much in the first half minute', () => {
    const sentIn = (startedMs: number): number => {
      const queue = queueAt(startedMs);
      let sent = 0;
      for (let atMs = 0; atMs < 10_000; atMs += batchMs) {
        queue.offer(atMs, 'ring', String(atMs), '', 500, 8);
        for (const { copies } of queue.takeDue(atMs)) sent += copies * 500;
      }
      return sent;
    };
    expect(sentIn(0) / sentIn(-laterMs)).toBeGreaterThan(3.5);
  });

  it('lets what is larger than the burst leave once, and drops what the budget held back for too long', () => {
    const queue = queueAt(-laterMs);
    queue.offer(0, 'schema', 'huge', '', 50_000, 4);
    expect(keysOf(queue.takeDue(batchMs))).toEqual(['huge']);
    queue.offer(batchMs, 'schema', 'held', '', 10, 4);
    for (let atMs = 2 * batchMs; atMs < heldMs; atMs += waveMs) expect(queue.takeDue(atMs)).toEqual([]);
    queue.takeDue(heldMs + 2 * waveMs);
    expect(queue.nextMs).toBeNull();
    expect(queue.standing().find(({ rumorClass }) => rumorClass === 'schema')).toMatchObject({
      waiting: 0,
      dropped: 1,
    });
  });

  it('lets rumors ride in spare bytes as part of their sends; bulk keys ride only, and only where they may', () => {
    const queue = queueAt(0);
    const classes: readonly RumorClass[] = ['application', 'bulk'];
    for (const each of classes) queue.offer(0, each, each, '', 100, sendsOf(100, each));
    expect(keysOf(queue.takeRiders(1, 90, 90))).toEqual([]);
    expect(keysOf(queue.takeRiders(1, 300, 0))).toEqual(['application']);
    expect(keysOf(queue.takeRiders(1, 300, 160))).toEqual(['application', 'bulk']);
    expect(queue.takeDue(batchMs)).toMatchObject([{ key: 'application', copies: 4 }]);
    expect(queue.takeDue(batchMs + waveMs)).toMatchObject([{ key: 'application', copies: 2 }]);
    expect(queue.nextMs).toBeNull();
    expect(keysOf(queue.takeRiders(200, 300, 160))).toEqual(['bulk']);
    expect(keysOf(queue.takeRiders(200, 300, 160))).toEqual(['bulk']);
    expect(queue.takeRiders(200, 300, 160)).toEqual([]);
  });

  it('a bulk rumor longer than what is granted rides alone, where the datagram has room for it', () => {
    const queue = queueAt(0);
    queue.offer(0, 'bulk', 'short', '', 100, 3);
    queue.offer(0, 'bulk', 'long', '', 200, 3);
    expect(keysOf(queue.takeRiders(1, 190, 160))).toEqual(['short']);
    expect(keysOf(queue.takeRiders(1, 300, 0))).toEqual([]);
    expect(keysOf(queue.takeRiders(1, 300, 160))).toEqual(['long']);
  });
});
