import { secondMs } from '../../src/base/time.ts';
import type { LivenessClaim } from '../../src/detector/liveness-claim.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import type { Rumors } from '../../src/node/rumor-message.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';
import type { LivenessLedger } from './liveness-ledger.ts';

const forgeries = ['claim', 'generation', 'goodbye', 'counter'] as const;
type Forgery = (typeof forgeries)[number];

/** A forgery, how many believed it, and after how many ms nobody did any more; null: not within 30 s, or it came back. */
export interface Forged {
  readonly forgery: Forgery;
  readonly believers: number;
  readonly curedMs: number | null;
}

/** The highest numbers that pass the wire's checks. */
const maxCounter = 2 ** 32 - 1;
/** A generation may be a day ahead of the clock. */
const aheadS = 86_000;
const patienceMs = 30 * secondMs;

/**
 * A member tells another one something of a third that is not so, with counters that cannot be outbid; one forgery after
 * another, each of another third. The world has come to rest again when this returns.
 */
export function forgeAll(world: World, ledger: LivenessLedger, salt: number): Forged[] {
  return forgeries.map((forgery, at) => forge(world, ledger, forgery, 7 * at + salt));
}

function forge(world: World, ledger: LivenessLedger, forgery: Forgery, salt: number): Forged {
  const members = world.nodes;
  const [victim, forger, dupe] = [0, 1, 2].map((place) => members[(salt + 3 * place) % members.length]!) as [
    SimulatedNode,
    SimulatedNode,
    SimulatedNode,
  ];
  const believers = new Set<SimulatedNode>();
  const believes = (node: SimulatedNode): boolean => {
    const state = node.reader.endpointState(victim.hostId);
    const own = victim.reader.endpointState(victim.hostId)!;
    return ledger.holdsDead(node, victim.hostId) || state?.generation !== own.generation || state.version > own.version;
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
  if (others.some(believes)) curedMs = null;
  ledger.rest(`a forged ${forgery}`);
  return { forgery, believers: believers.size, curedMs };
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
