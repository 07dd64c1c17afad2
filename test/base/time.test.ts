import { describe, expect, it } from 'vitest';
import { untilTurnMs } from '../../src/base/time.ts';

describe('turns by the wall clock', () => {
  const until = (wallMs: number, leastMs = 100): number => untilTurnMs(wallMs, 300, 1_000, leastMs);

  it('come at the phase of each period, whoever asks and when', () => {
    expect([until(0), until(300), until(299, 0), until(1_100), until(1_700_000_000_800)]).toEqual([
      300, 1_000, 1, 200, 500,
    ]);
  });

  it('are not taken twice where a timer fires early, and not missed where it fires late', () => {
    expect([until(1_299), until(1_301), until(1_900)]).toEqual([1_001, 999, 400]);
  });

  it('are more than the least away and at most that and a period, wherever the clock was set', () => {
    for (let wallMs = -5_000; wallMs < 5_000; wallMs += 7) {
      expect(until(wallMs)).toBeGreaterThan(100);
      expect(until(wallMs)).toBeLessThanOrEqual(1_100);
    }
  });
});
