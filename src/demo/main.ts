import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Narrator } from './narrator.ts';
import { Stage } from './stage.ts';
import { Story } from './story.ts';

const shippedKeys = fileURLToPath(new URL('../../bin/demo-keys.txt', import.meta.url));
const usage = 'Usage: npm run demo -- [--once] [--keys FILE]   (FILE: one key a line)';

/**
 * `npm run demo`: three real nodes on this machine and a story about them, then the nodes stay up until Ctrl-C. Ends the
 * process: 0, 1 if a step did not hold, 2 for wrong usage. However it ends, no process and no file is left behind.
 */
export async function main(): Promise<void> {
  let once: boolean;
  let keys: readonly string[];
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean' }, keys: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help === true) {
      process.stdout.write(`${usage}\n`);
      return;
    }
    once = values.once === true;
    keys = readKeys(values.keys ?? shippedKeys);
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exitCode = 2;
    return;
  }
  const stage = new Stage();
  const narrator = new Narrator(process.stdout);
  let silent = false;
  const { isTTY } = process.stdout;
  const storyteller = new Narrator({ isTTY, write: (text) => silent || process.stdout.write(text) });
  // Covers every way out that a process can notice, an error that nobody caught included.
  process.on('exit', () => stage.clear());
  const interrupted = untilSignal();
  const told = tell(stage, storyteller, keys);
  const first = await Promise.race([told, interrupted]);
  if (first === true && !once) {
    whatNext(stage, storyteller);
    await interrupted;
  }
  // A story cut short goes on failing while its nodes stop; nobody wants to read that.
  silent = true;
  narrator.gap();
  const unclean = await stage.stopAll();
  for (const name of unclean) narrator.fails(`${name} did not stop cleanly`);
  if (unclean.length === 0) narrator.holds('everything has stopped');
  const endedWell = first === true && unclean.length === 0;
  // A story that was interrupted did not hold; one that was told before Ctrl-C did.
  process.exit(endedWell ? 0 : first === 'interrupted' ? 130 : 1);
}

/** True if the whole story held. Never rejects. */
async function tell(stage: Stage, narrator: Narrator, keys: readonly string[]): Promise<boolean> {
  try {
    await new Story(stage, narrator, keys).run();
    return true;
  } catch (error) {
    narrator.fails(error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** Resolves at the first signal to end; the second one ends the process at once, and `exit` clears the stage. */
function untilSignal(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    let signals = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => (++signals === 1 ? resolve('interrupted') : process.exit(130)));
    }
  });
}

/** The keys of a file, one a line; each counts once. */
function readKeys(file: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  const keys = [...new Set(lines.filter((line) => line !== ''))];
  if (keys.length === 0) throw new Error(`${file} has no keys, expected one a line`);
  return keys;
}

function whatNext(stage: Stage, narrator: Narrator): void {
  const [first, second] = stage.nodes;
  const http = `http://${first!.ready.httpAddress}`;
  narrator.line('The ring stays up for you. Try, in another terminal:');
  const lines = [
    `node bin/ringctl.js --http ${http} status --json`,
    `node bin/ringctl.js --http ${http} route 'any key' --keyspace library`,
    `node bin/ringctl.js --http ${http} history`,
    `node bin/ringctl.js --http http://${second!.ready.httpAddress} gossipinfo`,
    `curl -N ${http}/v1/events`,
    `node bin/murmurd.js --cluster demo --listen 127.0.0.1:0 --http off --data $(mktemp -d) --seeds ${first!.ready.gossipAddress}`,
  ];
  for (const line of lines) narrator.say(line);
  narrator.gap();
  narrator.say('Ctrl-C stops everything and removes its data.');
}
