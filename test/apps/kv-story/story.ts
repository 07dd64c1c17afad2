import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom, shuffle } from '#dist/base/random';
import { acts } from './acts.ts';
import { Clients } from './clients.ts';
import { Cluster, noFaults } from './cluster.ts';
import { Ledger, type Miss } from './ledger.ts';
import type { NodeFaults } from './node-control.ts';

export interface StoryOptions {
  readonly seed: number;
  /** How long the ring goes on changing. */
  readonly seconds: number;
  /** What happens, by name, over and over; null: at random. */
  readonly plan: readonly (keyof typeof acts)[] | null;
  /** Nodes at the beginning. */
  readonly nodes: number;
  readonly tokens: number;
  /** False: the twin that must lose writes. */
  readonly barriers: boolean;
  /** How long gossip and decided records are on their way at most. */
  readonly gossipDelayMs: number;
  /** For the data and logs of the nodes. */
  readonly directory: string;
  readonly tell: (line: string) => void;
}

export interface StoryResult {
  /** Keys with an acknowledged write, and acknowledged writes. */
  readonly keys: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** What readers did while the ring changed. */
  readonly reads: number;
  readonly missed: readonly Miss[];
  /** Keys whose newest acknowledged write is not found again at the end. */
  readonly lost: readonly string[];
  readonly epochs: number;
  /** What was done to the ring, and how often it worked. */
  readonly done: ReadonlyMap<string, number>;
}

const writers = 6;
const readers = 3;
const quietMs = 120_000;

/** Gossip late by up to `delayMs`, records of the ring that were decided too; votes and barriers are asked as ever. */
function faultsOf(delayMs: number): NodeFaults {
  return {
    gossip: { maxDelayMs: { gossip: delayMs, records: delayMs }, dropRatio: 0.02 },
    door: { dropRatio: 0.1, maxDelayMs: 50 },
  };
}

/**
 * Writers write and readers read while nodes join, leave, move, are replaced and removed, and are killed in the middle of
 * it. At the end every acknowledged write is read back. One seed decides what is done, though not how long each thing takes.
 */
export async function tellStory(options: StoryOptions): Promise<StoryResult> {
  const { seed, tell } = options;
  const random = new SeededRandom(seed);
  const cluster = new Cluster({ ...options, random });
  const startedMs = performance.now();
  const nowMs = (): number => Math.round(performance.now() - startedMs);
  const say = (line: string): void => tell(`${(nowMs() / 1_000).toFixed(1).padStart(7)} s  ${line}`);
  const ledger = new Ledger();
  const clients = new Clients(ledger, new SeededRandom(seed + 1), () => cluster.addresses(), nowMs);
  const done = new Map<string, number>();
  try {
    await cluster.join();
    await Promise.all(Array.from({ length: options.nodes - 1 }, () => cluster.join()));
    await cluster.quiet(quietMs);
    say(`${options.nodes} nodes are up`);
    await cluster.suffer(faultsOf(options.gossipDelayMs));
    clients.start(writers, readers);

    const untilMs = performance.now() + options.seconds * 1_000;
    const names = Object.keys(acts) as (keyof typeof acts)[];
    let left: (keyof typeof acts)[] = [];
    for (let step = 0; performance.now() < untilMs; step++) {
      // At random, and each once before any comes again.
      if (options.plan === null && left.length === 0) left = shuffle([...names], random);
      const name = options.plan === null ? left.pop() : options.plan[step];
      if (name === undefined) break;
      const outcome = await acts[name](cluster, random, say).catch((error: Error) => error);
      if (outcome === 'impossible') continue;
      if (outcome === undefined) done.set(name, (done.get(name) ?? 0) + 1);
      say(outcome === undefined ? `${name}: done` : `${name}: ${outcome.message}`);
      for (const back of await cluster.mend()) say(`${back} comes back`);
      await sleep(random.below(500));
    }

    await cluster.suffer(noFaults);
    await cluster.quiet(quietMs);
    await clients.stop();
    const missed = [...ledger.misses];
    const { reads } = ledger;
    const lost: string[] = [];
    // Some requests are lost on purpose again, so that each read asks another quorum.
    await cluster.suffer({ ...noFaults, door: { dropRatio: 0.2, maxDelayMs: 0 } });
    for (const key of ledger.keys) if (!(await clients.readBack(key))) lost.push(key);
    const epochs = (await cluster.look())?.epoch ?? 0;
    return {
      keys: ledger.keys.length,
      acknowledged: ledger.writes,
      refused: ledger.refused,
      reads,
      missed,
      lost,
      epochs,
      done,
    };
  } finally {
    await clients.stop();
    await cluster.end();
  }
}
