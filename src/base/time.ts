/**
 * What time it is, as the driver tells the core. The core never asks.
 * `monotonicMs` orders and measures (never steps back, zero is arbitrary); `wallMs` is unix time and may jump.
 */
export interface Now {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/**
 * How long until the next turn that is more than `leastMs` away. Turns of `everyMs` are counted by the wall clock, from
 * `phaseMs` on, so parts of a node with one period and phase are due together, however late each of them last was.
 */
export function untilTurnMs(wallMs: number, phaseMs: number, everyMs: number, leastMs: number): number {
  const sinceMs = (wallMs - phaseMs) % everyMs;
  const leftMs = sinceMs < 0 ? -sinceMs : everyMs - sinceMs;
  return leftMs > leastMs ? leftMs : leftMs + everyMs;
}
