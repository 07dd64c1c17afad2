import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { directoryBytes, LoadMeter } from '../../src/runtime/load-meter.ts';

describe('the load meter', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('says once why a load is not known, goes on asking, and says it anew when it was known meanwhile', async () => {
    const answers: (() => Promise<number>)[] = [
      () => directoryBytes('no/such/directory'),
      () => Promise.reject(new Error('still not there')),
      () => Promise.resolve(42),
      () => Promise.resolve(Number.NaN),
    ];
    const [told, warned]: [number[], string[]] = [[], []];
    const asked: Promise<number>[] = [];
    const meter = new LoadMeter({
      measure: () => {
        const answer = answers.shift()!();
        asked.push(answer);
        return answer;
      },
      tell: (bytes) => told.push(bytes),
      warn: (reason) => warned.push(reason),
    });
    meter.start();
    while (answers.length > 0) {
      vi.advanceTimersToNextTimer();
      await Promise.allSettled(asked);
      await Promise.resolve();
      await Promise.resolve();
    }
    meter.stop();
    expect(told).toEqual([42]);
    expect(warned).toEqual([expect.stringContaining('ENOENT'), 'got NaN, expected whole bytes']);
  });
});
