import { expect, it } from 'vitest';
import { runChaos } from './chaos.ts';

const seeds = 2_000;
const first = 1_000;

it(`keeps every invariant of a whole cluster and comes to one view again, over ${seeds} seeds`, () => {
  const total = { epochs: 0, harms: 0, looks: 0 };
  let slowestMs = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const { epochs, harms, looks, healedMs } = runChaos(seed);
    total.epochs += epochs;
    total.harms += harms;
    total.looks += looks;
    slowestMs = Math.max(slowestMs, healedMs);
  }
  console.log(
    `${seeds} seeds from ${first}: ${total.harms} harms, ${total.epochs} epochs, ${total.looks} looks at a rule; ` +
      `slowest healing: ${Math.round(slowestMs)} ms of virtual time`,
  );
  expect(total.epochs).toBeGreaterThan(seeds * 3);
  expect(slowestMs).toBeLessThanOrEqual(60_000);
});

it(`P01 ends every operation that operators begin, abort and resume meanwhile, with nobody pending and replicas as a fresh fold has them, over ${seeds / 10} seeds`, () => {
  let ended = 0;
  for (let seed = first; seed < first + seeds / 10; seed++) ended += runChaos(seed, undefined, true).ended;
  console.log(`${seeds / 10} seeds from ${first}: ${ended} operations ended`);
  expect(ended).toBeGreaterThan(seeds / 100);
});
