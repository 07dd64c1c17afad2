import { secondMs } from '../../src/base/time.ts';
import type { LivenessClaim } from '../../src/detector/liveness-claim.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import type { Rumors } from '../../src/node/rumor-message.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { inSeconds, type Part, samplesText } from './part.ts';
import { openPercentile } from './spread-sample.ts';

const forgeries = ['claim', 'generation', 'goodbye', 'counter'] as const;
type Forgery = (typeof forgeries)[number];

/** What each forgery was, how many believed it at once, and after how many ms nobody did any more; null: after 30 s. */
interface ForgerySample {
  readonly forged: readonly {
    readonly forgery: Forgery;
    readonly believers: number;
    readonly curedMs: number | null;
  }[];
}

/** The highest numbers that pass the wire's checks. */
const maxCounter = 2 ** 32 - 1;
/** A generation may be a day ahead of the clock. */
const aheadS = 86_000;
const patienceMs = 30 * secondMs;

/** A member tells another one something of a third that is not so, with counters that cannot be outbid. */
export function forged(nodes: number, quick: boolean): Part<ForgerySample> {
  return {
    name: 'forged claims',
    nodes,
    seeds: quick ? 1 : 20,
    run: (seed) => {
      const world = new World(seed);
      const members = convergedCluster(world, nodes, { detector: 'swim' });
      world.run(20 * secondMs);
      return { forged: forgeries.map((forgery, at) => forge(world, members, forgery, 7 * at + seed)) };
    },
    figures: (samples) => {
      const all = samples.flatMap(({ forged }) => forged);
      const worstMs = openPercentile(
        all.map(({ curedMs }) => curedMs),
        1,
      );
      return [
        {
          nodes,
          figure: 'forged claims and counters at their maximum about a live node: cured within, worst',
          goal: '≤ 2.0 s (2 periods)',
          measured: inSeconds(worstMs),
          met: worstMs !== null && worstMs <= 2 * secondMs,
          samples: `${samplesText(samples.length)}, ${all.length} forgeries, believed by ${Math.min(...all.map(({ believers }) => believers))} nodes or more`,
        },
      ];
    },
  };
}

function forge(world: World, members: readonly SimulatedNode[], forgery: Forgery, salt: number) {
  const [victim, forger, dupe] = [0, 1, 2].map((place) => members[(salt + 3 * place) % members.length]!) as [
    SimulatedNode,
    SimulatedNode,
    SimulatedNode,
  ];
  const believers = new Set<SimulatedNode>();
  const believes = (node: SimulatedNode): boolean => {
    const state = node.reader.endpointState(victim.hostId);
    const own = victim.reader.endpointState(victim.hostId)!;
    const seen = node.reader.members().find(({ hostId }) => hostId === victim.hostId);
    return seen?.liveness === 'dead' || state?.generation !== own.generation || state.version > own.version;
  };
  const others = members.filter((node) => node !== victim);
  const fromMs = world.nowMs;
  const message = rumorOf(forgery, victim, forger);
  dupe.step({ kind: 'message', from: forger.source, channel: 'datagram', message });
  let curedMs: number | null = null;
  while (world.nowMs - fromMs < patienceMs && curedMs === null) {
    world.run(50);
    const now = others.filter(believes);
    for (const node of now) believers.add(node);
    // A rumor needs a moment to be believed at all.
    if (now.length === 0 && (believers.size > 0 || world.nowMs - fromMs > secondMs)) curedMs = world.nowMs - fromMs;
  }
  // What comes back later was not cured.
  world.run(3 * secondMs);
  return { forgery, believers: believers.size, curedMs: others.some(believes) ? null : curedMs };
}

function rumorOf(forgery: Forgery, victim: SimulatedNode, forger: SimulatedNode): Rumors {
  const { hostId, reader } = victim;
  const { generation, version } = reader.endpointState(hostId)!;
  const claim: LivenessClaim = {
    hostId,
    generation: forgery === 'generation' ? generation + aheadS : generation,
    incarnation: forgery === 'claim' ? maxCounter : 0,
    liveness: 'dead',
    accuser: forger.hostId,
    confirmers: [],
    left: forgery === 'goodbye',
  };
  if (forgery !== 'counter') return { kind: 'rumors', claims: [claim], records: [], definitions: [], deltas: [] };
  const entry = ['x:forged', versionedValue('x:forged', 'not so', maxCounter)] as const;
  const delta = { hostId, generation, counter: 'state' as const, from: version, to: maxCounter, entries: [entry] };
  return { kind: 'rumors', claims: [], records: [], definitions: [], deltas: [delta] };
}
