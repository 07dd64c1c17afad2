import { describe, expect, it } from 'vitest';
import { percentile } from '../../src/sim/percentile.ts';
import { convergenceOf, detectionOf } from '../../src/sim/simulation-report.ts';

const spread = (delaysMs: number[], missing = 0, sends = 0) => ({ key: 'x:a', beganMs: 0, delaysMs, missing, sends });

describe('the report of a simulation', () => {
  it('takes percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([], 0.5)).toBeNull();
  });

  it('pools all changes and nodes, counts begun gossip intervals, and divides sends by changes and nodes', () => {
    const convergence = convergenceOf([spread([10, 20, 30], 0, 24), spread([40, 50, 2_100], 0, 8)], 4, 1_000);
    expect(convergence).toEqual({ p50Ms: 30, p99Ms: 2_100, maxMs: 2_100, maxTicks: 3, sendsPerNode: 4 });
  });

  it('puts nodes that never learned a change behind all others, instead of leaving them out', () => {
    const convergence = convergenceOf([spread([10, 20, 30], 1)], 5, 1_000);
    expect(convergence).toMatchObject({ p50Ms: 20, p99Ms: null, maxMs: null, maxTicks: null });
  });

  it('says of a crash that was not found by all that it was not, and of none at all nothing', () => {
    const found = { crashedMs: 0, firstMs: 1_000, allMs: 3_000 };
    expect(detectionOf([found, { ...found, firstMs: 2_000, allMs: null }])).toEqual({
      crashed: 2,
      firstDeadP50Ms: 1_000,
      allDeadP99Ms: null,
    });
    expect(detectionOf([])).toEqual({ crashed: 0, firstDeadP50Ms: null, allDeadP99Ms: null });
  });
});
