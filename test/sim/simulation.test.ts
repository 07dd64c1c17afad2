import { describe, expect, it } from 'vitest';
import { secondMs } from '../../src/base/time.ts';
import { exchangeCurve } from '../../src/sim/exchange-styles.ts';
import { type SimulationOptions, simulate } from '../../src/sim/simulation.ts';
import { Trace } from '../../src/sim/trace.ts';

const clockMs = (): number => 0;

describe('a simulation', () => {
  it('has the same trace for the same seed, byte for byte, whatever is shown of it and however fast it runs', () => {
    const digest = (options: Partial<SimulationOptions>): string => {
      const trace = new Trace();
      simulate({ nodes: 9, seed: 4, lossRatio: 0.05, kill: 2, clockMs, trace, ...options });
      return trace.digest;
    };
    let nowMs = 0;
    const shown: string[] = [];
    const watched = {
      clockMs: () => (nowMs += 7),
      progress: (share: number, phase: string) => shown.push(`${phase} ${share}`),
    };
    expect(digest(watched)).toBe(digest({}));
    expect(shown.length).toBeGreaterThan(100);
    expect(digest({ seed: 5 })).not.toBe(digest({}));
  });

  it('does not count as in time what is learned and found only once nothing is lost any more', () => {
    const { report, missing } = simulate({ nodes: 20, seed: 5, lossRatio: 0.9, kill: 1, changes: 20, clockMs });
    expect(missing).toBeGreaterThan(0.5 * 20 * 19);
    expect(report.convergence).toMatchObject({ p50Ms: null, p99Ms: null, maxMs: null });
    expect(report.detection).toMatchObject({ crashed: 1, allDeadP99Ms: null });
    expect(report.falsePositives).toBeGreaterThan(0);
  });

  it('waits for a conviction as long as the settings make it take', () => {
    const config = { detector: 'phi', phiThreshold: 16, gossipIntervalMs: 10 * secondMs } as const;
    const { report } = simulate({ nodes: 8, seed: 5, kill: 1, clockMs, config });
    // Threshold · ln 10 intervals of silence.
    expect(report.detection.firstDeadP50Ms).toBeGreaterThan(16 * Math.LN10 * config.gossipIntervalMs);
    expect(report.detection.allDeadP99Ms).not.toBeNull();
  });

  it('tells what a node sends of those that run: the one that is left of ten probes on as it did', () => {
    const { report, bytesPerNodePerSecond, phasesAtS } = simulate({ nodes: 10, seed: 3, kill: 9, clockMs });
    const alone = bytesPerNodePerSecond.slice(Math.ceil(phasesAtS.crashes) + 1, -1);
    const mean = alone.reduce((sum, bytes) => sum + bytes, 0) / alone.length;
    expect(alone.length).toBeGreaterThan(5);
    expect(mean).toBeGreaterThan(report.sentBytesPerNodePerSecond.idle / 2);
  });
});

it('exchanges that did not reach half of the nodes in time reached them never, and not at once', () => {
  const curves = exchangeCurve({ nodes: 20, seed: 5, style: 'push', peers: 1, changes: 2, lossRatio: 0.99 });
  expect(curves).toEqual([
    { halfMs: null, allMs: null },
    { halfMs: null, allMs: null },
  ]);
});
