import { setTimeout as sleep } from 'node:timers/promises';
import { minuteMs, secondMs } from '../../src/base/time.ts';
import type { MurmuringNode } from '../../src/runtime/murmuring-node.ts';
import { percentile } from '../../src/sim/percentile.ts';
import type { Figure } from './figures-page.ts';
import { inMs, inSeconds, mean, type Part, within } from './part.ts';
import { SocketCluster } from './socket-cluster.ts';
import { openPercentile } from './spread-sample.ts';

const fewNodes = 16;
const reason =
  'most nodes share one process, its event loop and two cores with all else that runs; the simulator has no processor';
/** IPv4 and UDP. An idle cluster opens no streams. */
const headerBytes = 28;

/** Times in ms of the machine's clock. */
interface SocketSample {
  readonly startedMs: number;
  readonly idleBytes: number;
  /** Until each node of the process knew each change. */
  readonly spreadMs: readonly number[];
  readonly missing: number;
  readonly deaths: readonly { readonly firstMs: number | null; readonly allMs: number | null }[];
}

/** The same on real sockets: 64 nodes on loopback, encrypted, to see that the simulator tells the truth. */
export function sockets(quick: boolean): Part<SocketSample> {
  const size = quick ? fewNodes : 64;
  return {
    name: 'real sockets',
    nodes: size,
    seeds: 1,
    aloneMs: (quick ? 1 : 13) * minuteMs,
    run: async () => {
      const beganMs = performance.now();
      const cluster = await SocketCluster.start(size, quick ? 2 : 8);
      try {
        const startedMs = performance.now() - beganMs;
        await rest(cluster, (quick ? 10 : 300) * secondMs);
        const idleBytes = await idle(cluster, (quick ? 15 : 180) * secondMs);
        const spreads = await spread(cluster, quick ? 5 : 20);
        return { startedMs, idleBytes, ...spreads, deaths: await crashes(cluster) };
      } finally {
        await cluster.stop();
      }
    },
    figures: (samples) => figuresOf(size, samples),
  };
}

/**
 * Until no node has news left to pass on, at most `patienceMs`: the bulk state of those who joined (LOAD, SCHEMA, the
 * ring's fingerprint) travels in the spare bytes of probes for some minutes, and is not what an idle cluster sends.
 */
async function rest({ nodes }: SocketCluster, patienceMs: number): Promise<void> {
  const waiting = async ({ httpAddress }: MurmuringNode): Promise<number> => {
    const { rumors } = (await (await fetch(`http://${httpAddress}/v1/gossipinfo`)).json()) as {
      rumors: { waiting: number }[];
    };
    return rumors.reduce((sum, each) => sum + each.waiting, 0);
  };
  const untilMs = performance.now() + patienceMs;
  while (performance.now() < untilMs) {
    if ((await Promise.all(nodes.map(waiting))).every((rumors) => rumors === 0)) return;
    await sleep(5 * secondMs);
  }
}

/** Bytes a second that a node sends, over some of the nodes. */
async function idle({ nodes }: SocketCluster, forMs: number): Promise<number> {
  const asked = nodes.filter((_, place) => place % 7 === 0);
  const sent = async (): Promise<number> => {
    const bytes = await Promise.all(
      asked.map(async ({ httpAddress }) => {
        const { traffic } = (await (await fetch(`http://${httpAddress}/v1/info`)).json()) as {
          traffic: { sentFrames: number; sentBytes: number };
        };
        return traffic.sentBytes + headerBytes * traffic.sentFrames;
      }),
    );
    return bytes.reduce((sum, each) => sum + each, 0);
  };
  const fromMs = performance.now();
  const before = await sent();
  await sleep(forMs);
  return ((await sent()) - before) / asked.length / ((performance.now() - fromMs) / secondMs);
}

async function spread({ nodes }: SocketCluster, changes: number): Promise<Pick<SocketSample, 'spreadMs' | 'missing'>> {
  const spreadMs: number[] = [];
  const changedMs = new Map<string | null, number>();
  const stops = nodes.map((node) =>
    node.watch('bench', ({ hostId, value }) => {
      // One that comes late is late by its own change, whatever has changed since.
      if (hostId !== node.hostId) spreadMs.push(performance.now() - changedMs.get(value)!);
    }),
  );
  for (let change = 0; change < changes; change++) {
    changedMs.set(`v${change}`, performance.now());
    await nodes[(change * 5) % nodes.length]!.setState('bench', `v${change}`);
    await sleep(3 * secondMs);
  }
  for (const stop of stops) stop();
  return { spreadMs, missing: changes * (nodes.length - 1) - spreadMs.length };
}

/** Kills the victims one after another; who notices is every node of this process. */
async function crashes({ nodes, victims }: SocketCluster): Promise<SocketSample['deaths']> {
  const deaths: { firstMs: number | null; allMs: number | null }[] = [];
  for (const victim of victims) {
    /** Each node counts once. */
    const atMs = new Map<MurmuringNode, number>();
    const stops = nodes.map((node) =>
      node.on('liveness', ({ hostId, liveness }) => {
        if (hostId === victim.hostId && liveness === 'dead' && !atMs.has(node)) {
          atMs.set(node, performance.now());
        }
      }),
    );
    const fromMs = performance.now();
    victim.kill();
    while (atMs.size < nodes.length && performance.now() - fromMs < 30 * secondMs) await sleep(100);
    for (const stop of stops) stop();
    const allMs = [...atMs.values()].map((each) => each - fromMs);
    deaths.push({
      firstMs: allMs.length === 0 ? null : Math.min(...allMs),
      allMs: allMs.length < nodes.length ? null : Math.max(...allMs),
    });
    // A confirmed death makes everyone probe faster for some seconds.
    await sleep(8 * secondMs);
  }
  return deaths;
}

function figuresOf(size: number, samples: readonly SocketSample[]): Figure[] {
  const spreadMs = samples.flatMap((sample) => sample.spreadMs);
  const deaths = samples.flatMap((sample) => sample.deaths);
  const missing = samples.reduce((sum, sample) => sum + sample.missing, 0);
  const p99Ms = missing > 0 ? null : percentile(spreadMs, 0.99);
  const lastMs = missing > 0 ? null : percentile(spreadMs, 1);
  const bytes = mean(samples.map(({ idleBytes }) => idleBytes));
  const firstMs = openPercentile(
    deaths.map((death) => death.firstMs),
    0.5,
  );
  const allMs = openPercentile(
    deaths.map((death) => death.allMs),
    1,
  );
  const on = { topic: 'sockets', nodes: size, reason, samples: `${samples.length} run on loopback` } as const;
  const crashed = `${on.samples}, ${deaths.length} crashes`;
  return [
    {
      ...on,
      figure: 'a state change known to 99 % / to the last',
      goal: '≤ 180 / 1,000 ms',
      measured: `${inMs(p99Ms)} / ${inMs(lastMs)}`,
      met: within(p99Ms, 180) && within(lastMs, 1_000),
      samples: `${on.samples}, ${spreadMs.length} arrivals`,
      peers: 'memberlist, 64 nodes: all after 523 ms',
    },
    {
      ...on,
      figure: 'idle traffic, bytes/s sent per node',
      goal: '≤ 220',
      measured: String(Math.round(bytes)),
      met: bytes <= 220,
      peers: 'memberlist, 64 nodes, unencrypted: 189',
    },
    {
      ...on,
      figure: 'crash of one node, first held for dead (median) / by all (worst)',
      goal: '≤ 3 / 7 s',
      measured: `${inSeconds(firstMs)} / ${inSeconds(allMs)}`,
      met: within(firstMs, 3_000) && within(allMs, 7_000),
      samples: crashed,
      peers: 'memberlist, 64 nodes: 9.2 s (median) / 11.2 s (worst)',
    },
    {
      ...on,
      figure: 'time until all have started and joined, one process a node for 8 of them, the others in one',
      goal: '',
      measured: inSeconds(mean(samples.map(({ startedMs }) => startedMs))),
      met: null,
    },
  ];
}
