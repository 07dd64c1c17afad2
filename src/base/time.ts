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
