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
 * How long ago the last of some turns began, 0 to less than `everyMs`: turns every so many ms of the wall clock, one of
 * them `phaseMs` after its zero. What takes its turns so, in whatever part of a node, is due together and wakes it once.
 */
export function sinceTurnMs(wallMs: number, phaseMs: number, everyMs: number): number {
  const sinceMs = (wallMs - phaseMs) % everyMs;
  return sinceMs < 0 ? sinceMs + everyMs : sinceMs;
}
