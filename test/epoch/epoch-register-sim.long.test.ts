import { expect, it } from 'vitest';
import { runChaos, voterCounts } from './chaos.ts';
import { runRestore } from './restore.ts';

const chaosSeeds = 5_000;
const restoreSeeds = 1_000;
const voteSeeds = 2_000;
const first = 1_000;

it(`decides no epoch twice and goes on once a majority is connected: ${voterCounts} voters, ${chaosSeeds} seeds`, () => {
  let epochs = 0;
  let steps = 0;
  let slowestMs = 0;
  for (let seed = first; seed < first + chaosSeeds; seed++) {
    const result = runChaos(seed, { restore: false });
    epochs += result.epochs;
    steps += result.steps;
    slowestMs = Math.max(slowestMs, result.progressTookMs);
  }
  console.log(
    `${chaosSeeds} seeds from ${first}: ${epochs} epochs decided, ${steps} steps; ` +
      `slowest progress after calm: ${Math.round(slowestMs)} ms of virtual time`,
  );
  expect(epochs).toBeGreaterThan(chaosSeeds * 10);
});

it(`shows every fork that a store restored from an old copy brings about, over ${restoreSeeds} seeds`, () => {
  let restored = 0;
  let forked = 0;
  for (let seed = first; seed < first + restoreSeeds; seed++) {
    const result = runChaos(seed, { restore: true });
    if (result.restored) restored++;
    if (result.forked) forked++;
  }
  console.log(
    `${restoreSeeds} seeds from ${first}: ${restored} with a restored voter caught, ${forked} with a fork, all shown`,
  );
  expect(forked).toBeGreaterThan(0);
});

it(`lets no restored voter vote where a live voter remembers its later commit number, over ${voteSeeds} seeds`, () => {
  let remembered = 0;
  for (let seed = first; seed < first + voteSeeds; seed++) if (runRestore(seed).remembered) remembered++;
  console.log(`${voteSeeds} seeds from ${first}: in ${remembered} a live voter remembered, and each was caught`);
  expect(remembered).toBeGreaterThan(voteSeeds / 4);
});
