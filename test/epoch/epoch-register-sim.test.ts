import { expect, it } from 'vitest';
import { runChaos, voterCounts } from './chaos.ts';
import { runRestore } from './restore.ts';

const chaosSeeds = 60;
const restoreSeeds = 30;
const voteSeeds = 120;

it(`decides no epoch twice and goes on once a majority is connected: ${voterCounts} voters, ${chaosSeeds} seeds`, () => {
  let epochs = 0;
  for (let seed = 0; seed < chaosSeeds; seed++) epochs += runChaos(seed, { restore: false }).epochs;
  expect(epochs).toBeGreaterThan(chaosSeeds * 10);
});

it(`shows every fork that a store restored from an old copy brings about, over ${restoreSeeds} seeds`, () => {
  let restored = 0;
  for (let seed = 0; seed < restoreSeeds; seed++) if (runChaos(seed, { restore: true }).restored) restored++;
  expect(restored).toBeGreaterThan(restoreSeeds / 10);
});

it(`lets no restored voter vote where a live voter remembers its later commit number, over ${voteSeeds} seeds`, () => {
  let remembered = 0;
  for (let seed = 0; seed < voteSeeds; seed++) if (runRestore(seed).remembered) remembered++;
  expect(remembered).toBeGreaterThan(voteSeeds / 4);
});
