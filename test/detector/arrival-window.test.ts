import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { ArrivalWindow } from '../../src/detector/arrival-window.ts';
import { ExactWindow } from './exact-window.ts';

const options = { size: 1_000, firstIntervalMs: 2_000, maxIntervalMs: 2_000 };

describe('the arrival window', () => {
  it('F01: has the raw phi of the field: 1.0 one mean after the last arrival, 22.03 after 2,445 ms of 111', () => {
    const window = new ArrivalWindow({ ...options, size: 4 });
    for (const at of [111, 222, 333, 444, 555]) window.add(at);
    expect(window.rawPhi(666)).toBeCloseTo(1.0, 10);
    expect(window.rawPhi(3_000)).toBeCloseTo(22.03, 2);
    expect(window.phi(3_000)).toBeCloseTo(22.03 / Math.LN10, 2);
  });

  it('F01: once overfilled the mean follows the last thousand intervals', () => {
    const window = new ArrivalWindow(options);
    for (let beat = 1; beat <= 1_001; beat++) window.add(beat * 500);
    expect(window.meanMs).toBeCloseTo(500, 6);
    for (let beat = 501; beat <= 10_501; beat++) window.add(beat * 1_000);
    expect(window.meanMs).toBeCloseTo(1_000, 0);
  });

  it('is exactly the thousand-sample window until that is full, and within 3 % of it after', () => {
    const random = new SeededRandom(0xf01);
    const window = new ArrivalWindow(options);
    const exact = new ExactWindow(options);
    let at = 5_000;
    let [worst, compared] = [0, 0];
    for (let beat = 0; beat < 6_000; beat++) {
      // Gossip-like: about a second, jittered, now and then doubled or lost for long.
      const stretch = random.below(50) === 0 ? 4 : random.below(10) === 0 ? 1.8 : 1;
      at += Math.round((800 + random.below(400)) * stretch);
      window.add(at);
      exact.add(at);
      if (beat < 1_000) expect(window.phi(at + 3_000)).toBeCloseTo(exact.phi(at + 3_000), 9);
      else {
        worst = Math.max(worst, Math.abs(window.phi(at + 3_000)! / exact.phi(at + 3_000) - 1));
        compared++;
      }
    }
    expect(compared).toBe(5_000);
    expect(worst).toBeLessThan(0.03);
  });

  it('drops intervals that are too long instead of clipping them', () => {
    const window = new ArrivalWindow(options);
    for (const at of [0, 1_000, 31_000, 32_000]) window.add(at);
    expect(window.meanMs).toBeCloseTo((2_000 + 1_000 + 1_000) / 3, 10);
    expect(window.lastMs).toBe(32_000);
  });

  it('says nothing before the first arrival, and nothing of an old rhythm once cleared', () => {
    const window = new ArrivalWindow(options);
    expect([window.phi(9_000), window.rawPhi(9_000), window.meanMs, window.lastMs]).toEqual([null, null, null, null]);
    for (const at of [0, 100, 200]) window.add(at);
    window.clear();
    expect([window.phi(9_000), window.lastMs]).toEqual([null, null]);
    window.touch(10_000);
    expect([window.meanMs, window.lastMs]).toEqual([2_000, 10_000]);
    window.touch(11_500);
    expect([window.meanMs, window.lastMs]).toEqual([2_000, 11_500]);
  });
});
