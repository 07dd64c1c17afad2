import { describe, expect, it } from 'vitest';
import { runChaos } from './chaos.ts';
import ringFailedOnce from './ring-seeds.json' with { type: 'json' };
import failedOnce from './seeds.json' with { type: 'json' };

const seeds = 40;
const ringSeeds = 12;

describe('a whole cluster under crashes, lost commits, splits, loss, stalls and wrong clocks', () => {
  it.each(failedOnce)('comes to one view again with seed $seed ($was)', ({ seed }) => {
    expect(runChaos(seed).looks).toBeGreaterThan(1_000);
  });

  it(`keeps every invariant and comes to one view again, over ${seeds} seeds`, () => {
    let epochs = 0;
    for (let seed = 0; seed < seeds; seed++) epochs += runChaos(seed).epochs;
    expect(epochs).toBeGreaterThan(seeds * 3);
  });

  it.each(ringFailedOnce)('P01 ends every operation with seed $seed ($was)', ({ seed }) => {
    expect(runChaos(seed, undefined, true).looks).toBeGreaterThan(1_000);
  });

  it(`P01 ends every operation that operators begin, abort and resume meanwhile, with nobody pending and replicas as a fresh fold has them, over ${ringSeeds} seeds`, () => {
    let ended = 0;
    for (let seed = 0; seed < ringSeeds; seed++) ended += runChaos(seed, undefined, true).ended;
    expect(ended).toBeGreaterThan(0);
  });
});
