import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tellStory } from './story.ts';

/**
 * `npm run test:soak -- --seconds N --seed S [--tokens T] [--nodes N] [--delay MS] [--no-barriers]`: a long story, told as it
 * happens. Its last line is what became of the acknowledged writes; the exit code is 1 if any was lost or missed by a reader.
 *
 * Without `--tokens` the seed decides: of an odd one nodes have 8 tokens each, of an even one a single token, so that they
 * can move.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    tokens: { type: 'string' },
    nodes: { type: 'string', default: '5' },
    delay: { type: 'string', default: '5000' },
    barriers: { type: 'boolean', default: true },
    keep: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const directory = await mkdtemp(join(tmpdir(), 'murmuring-soak-'));
const seed = Number(values.seed);
const tokens = Number(values.tokens ?? (seed % 2 === 0 ? 1 : 8));
console.log(`seed ${seed}; ${tokens} tokens a node; data and logs in ${directory}`);
try {
  const result = await tellStory({
    seed,
    seconds: Number(values.seconds),
    plan: null,
    nodes: Number(values.nodes),
    tokens,
    barriers: values.barriers,
    gossipDelayMs: Number(values.delay),
    directory,
    tell: (line) => console.log(line),
  });
  const { acknowledged, refused, keys, reads, missed, lost, epochs, done } = result;
  for (const { key, acknowledgedUs, readUs, atMs } of missed) {
    console.log(`missed at ${atMs} ms: ${key} was acknowledged at ${acknowledgedUs}, read ${readUs}`);
  }
  console.log([...done].map(([name, times]) => `${name} ${times}`).join(', '));
  console.log(
    `${epochs} epochs; ${refused} writes found no quorum; ${keys} keys; ${reads} reads, ${missed.length} missed a write`,
  );
  console.log(`${acknowledged} acknowledged, ${lost.length} lost`);
  process.exitCode = lost.length + missed.length === 0 ? 0 : 1;
} finally {
  if (!values.keep) await rm(directory, { recursive: true, force: true });
}
