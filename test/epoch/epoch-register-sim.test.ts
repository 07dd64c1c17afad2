import { expect, it } from 'vitest';
import { runChaos } from './chaos.ts';

const seeds = Number(process.env['SEEDS'] ?? 200);
const from = Number(process.env['FROM'] ?? 0);

it(`never decides an epoch twice, and goes on once a majority is connected, over ${seeds} seeds`, () => {
  let epochs = 0;
  let slowest = 0;
  const t = Date.now();
  for (let seed = from; seed < from + seeds; seed++) {
    const result = runChaos(seed, { restore: false });
    epochs += result.epochs;
    slowest = Math.max(slowest, result.progressTookMs);
  }
  console.log({ epochs, slowest, ms: Date.now() - t });
  expect(epochs).toBeGreaterThan(seeds * 8);
});
