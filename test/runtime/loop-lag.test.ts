import { describe, expect, it } from 'vitest';
import { LoopLag } from '../../src/runtime/loop-lag.ts';

const probeMs = 500;
/** How many probes in a row until the verdict turns; null: it does not within a minute. */
function probesUntilTurn(lag: LoopLag, lagMs: number): number | null {
  for (let probe = 1; probe <= 120; probe++) if (lag.sample(lagMs, probeMs + lagMs)) return probe;
  return null;
}

describe('the lag of the event loop', () => {
  it('is overload when it lasts for seconds, and over when it has gone for seconds', () => {
    const lag = new LoopLag();
    expect(probesUntilTurn(lag, 300)).toBeGreaterThan(4);
    expect(lag.overloaded).toBe(true);
    expect(probesUntilTurn(lag, 0)).toBeGreaterThan(4);
    expect(lag.overloaded).toBe(false);
  });

  it('is no overload for one slow step of a second, nor for lags that are small for ever', () => {
    const lag = new LoopLag();
    expect(lag.sample(1_000, 1_500)).toBe(false);
    expect(probesUntilTurn(lag, 40)).toBeNull();
    expect(lag.overloaded).toBe(false);
  });

  it('does not flap: between the two bounds the verdict stands', () => {
    const lag = new LoopLag();
    expect(probesUntilTurn(lag, 100)).toBeNull();
    expect(probesUntilTurn(lag, 400)).not.toBeNull();
    expect(probesUntilTurn(lag, 100)).toBeNull();
    expect(lag.overloaded).toBe(true);
  });

  it('is over a quarter of a minute after a stall, however long that was', () => {
    const lag = new LoopLag();
    lag.sample(37_000, 37_500);
    expect(lag.overloaded).toBe(true);
    expect(probesUntilTurn(lag, 0)! * probeMs).toBeLessThanOrEqual(15_500);
  });
});
