import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { ArrivalWindow } from '../../src/detector/arrival-window.ts';
import { PhiDetector } from '../../src/detector/phi-detector.ts';
import { idleEffects } from '../detector/idle-effects.ts';

const windowOf = (meanMs: number): ArrivalWindow =>
  new ArrivalWindow({ size: 1_000, firstIntervalMs: meanMs, maxIntervalMs: 100 * meanMs });

/** A window that heard `beats` heartbeats at this interval, the last one at the time that is returned. */
function steady(intervalMs: number, beats = 1_000): { window: ArrivalWindow; lastMs: number } {
  const window = windowOf(intervalMs);
  for (let beat = 0; beat < beats; beat++) window.add(beat * intervalMs);
  return { window, lastMs: (beats - 1) * intervalMs };
}

describe('the φ accrual failure detector (Hayashibara, Défago, Yared, Katayama, SRDS 2004)', () => {
  it('meaning of φ: of the silences of a process that lives, one in 10^Φ reaches Φ', () => {
    const random = new SeededRandom(1);
    const window = windowOf(100);
    const beats = 200_000;
    const reached = new Map([1, 2, 3].map((threshold) => [threshold, 0]));
    let nowMs = 0;
    for (let beat = 0; beat < beats; beat++) {
      nowMs += -100 * Math.log(1 - random.fraction());
      const phi = window.phi(nowMs) ?? 0;
      for (const [threshold, count] of reached) if (phi >= threshold) reached.set(threshold, count + 1);
      window.add(nowMs);
    }
    for (const [threshold, count] of reached) {
      const share = (count / beats) * 10 ** threshold;
      expect([threshold, share > 0.8 && share < 1.25]).toEqual([threshold, true]);
    }
  });

  it('accruement: of a process that has crashed, φ only rises, and above any threshold', () => {
    const { window, lastMs } = steady(1_000);
    let before = -1;
    for (let silentMs = 0; silentMs <= 600_000; silentMs += 100) {
      const phi = window.phi(lastMs + silentMs)!;
      expect(phi).toBeGreaterThan(before);
      before = phi;
    }
    expect(before).toBeGreaterThan(250);
  });

  it('upper bound: of a process that is correct, φ is bounded, and 0 at each heartbeat', () => {
    const { window, lastMs } = steady(1_000);
    for (let beat = 1; beat < 500; beat++) {
      const heardMs = lastMs + beat * 1_000;
      expect(window.phi(heardMs)).toBeLessThan(0.5);
      window.add(heardMs);
      expect(window.phi(heardMs)).toBe(0);
    }
  });

  it('adaptation: what counts is silence measured in the rhythm of the process, and a rhythm that changes is learned', () => {
    const [fast, slow] = [steady(100), steady(1_000)];
    expect(fast.window.phi(fast.lastMs + 800)).toBeCloseTo(slow.window.phi(slow.lastMs + 8_000)!, 6);
    let { lastMs } = fast;
    for (let beat = 0; beat < 5_000; beat++) {
      lastMs += 1_000;
      fast.window.add(lastMs);
    }
    expect(fast.window.phi(lastMs + 8_000)).toBeCloseTo(slow.window.phi(slow.lastMs + 8_000)!, 1);
  });

  it('applications choose: a higher threshold convicts later, after Φ · ln 10 intervals of silence', () => {
    const intervalMs = 1_000;
    const convictedMs = (threshold: number): number => {
      const detector = new PhiDetector({ threshold, gossipIntervalMs: intervalMs, random: new SeededRandom(1) });
      let dead = false;
      const effects = {
        ...idleEffects,
        changed: (_hostId: string, liveness: string) => {
          dead = liveness === 'dead';
        },
      };
      const now = (atMs: number) => ({ monotonicMs: atMs, wallMs: atMs });
      let probe = 0;
      const sending = {
        ...effects,
        send: (_to: string, message: { kind: string; probe?: number }) => {
          probe = message.probe ?? 0;
        },
      };
      let atMs = 0;
      for (; atMs < 600_000; atMs += intervalMs) {
        detector.heard({ hostId: 'peer' }, now(atMs), sending);
        detector.pong('peer', probe, now(atMs), effects);
        detector.tick(now(atMs), effects);
      }
      const lastMs = atMs - intervalMs;
      for (; !dead && atMs < 700_000; atMs += 100) detector.tick(now(atMs), effects);
      return atMs - lastMs;
    };
    for (const threshold of [5, 8, 12]) {
      const expectedMs = threshold * Math.LN10 * intervalMs;
      expect(convictedMs(threshold)).toBeGreaterThan(expectedMs);
      expect(convictedMs(threshold)).toBeLessThan(expectedMs * 1.05);
    }
  });
});
