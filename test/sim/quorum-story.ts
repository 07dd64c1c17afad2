import { InvariantViolation } from '../../src/base/error.ts';
import type { HostId } from '../../src/base/id.ts';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { allBarriers, type Barriers } from '../../src/lifecycle/operation-needs.ts';
import type { Command } from '../../src/node/command.ts';
import type { Route } from '../../src/ring/router.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { LateGossip } from './late-gossip.ts';
import { demandReadableMessages } from './readable-messages.ts';
import { keyspace, RegisterStore } from './register-store.ts';

export interface QuorumStory {
  readonly writes: number;
  readonly reads: number;
  readonly refused: number;
  readonly movements: number;
  readonly epochs: number;
}

const keys = 10;
const harmMs = 15_000;
/** Calm enough for verdicts, aborted joins, and the operations that are still open. */
const calmMs = 300_000;
const joinTimeoutMs = 5_000;

/**
 * One seed's story: clients write and read registers by quorum, each through a node and by the ring as that node sees it,
 * while nodes join, leave, move, are replaced and removed, and learn of it late. Half of the stories are stormy: nodes
 * crash and are cut off. In the others all are up, and two replicas of a key that moves sleep through the steps. No read
 * may miss a write that was acknowledged before it began, and at the end no quorum may lack one.
 *
 * Throws, with the seed in its words, where that breaks, or where the ring does not come to rest.
 */
export function runQuorumStory(seed: number, barriers: Barriers = allBarriers): QuorumStory {
  const random = new SeededRandom(seed ^ 0x9070);
  const world = new World(seed, { lossRatio: random.fraction() * 0.05 });
  demandReadableMessages(world);
  const stormy = random.fraction() < 0.5;
  const oneToken = random.fraction() < 0.4;
  const config = { tokens: oneToken ? 1 : 2 + random.below(3), movements: true, barriers, joinTimeoutMs };
  const size = stormy && random.fraction() < 0.4 ? 3 + random.below(2) : 5 + random.below(2);
  convergedCluster(world, size, config);
  makeKeyspace(world, random.fraction() < 0.8 ? 3 : 1 + random.below(3));
  const gossip = new LateGossip(world);
  const lateMs = 1_000 + random.below(4_000);
  const store = new RegisterStore(world, random, keys, {
    // Who hears nothing of the ring is hardly reached by those who do.
    lossRatio: (from, to) => (stormy || gossip.isLate(from) === gossip.isLate(to) ? 0.2 : 0.5),
    lateRatio: 0.1,
    lateMs: 2 * lateMs,
    movesMs: 1 + random.below(1_500),
  });
  const pick = <T>(items: readonly T[]): T | undefined => items[random.below(items.length)];
  const running = (): SimulatedNode[] => world.nodes.filter((node) => node.running);

  const untilMs = world.nowMs + harmMs;
  let hot = pick(store.keys)!;
  const client = (): void => {
    const late = random.fraction() < 0.3 ? pick(running().filter((node) => gossip.isLate(node))) : undefined;
    const node = late ?? pick(running());
    const key = random.fraction() < 0.5 ? hot : pick(store.keys)!;
    if (node !== undefined) {
      if (random.fraction() < 0.5) store.write(node, key);
      else store.read(node, key);
    }
    if (world.nowMs < untilMs) world.at(world.nowMs + random.below(200), client);
  };
  for (let clients = 0; clients < 4; clients++) client();

  const begin = (): void => {
    const node = pick(running());
    const members = [...(node?.reader.register.state?.members.keys() ?? [])];
    if (node === undefined || members.length === 0) return;
    const dead = members.filter((hostId) => !running().some((each) => each.hostId === hostId));
    const dice = random.fraction();
    if (dice < 0.3 || (dice < 0.45 && dead.length > 0)) {
      if (running().length > size + 1) return;
      const replace = dice < 0.3 ? null : pick(dead)!;
      world.addNode([node.address], { ...config, replace }).start();
    } else if (dice < 0.6 && dead.length > 0) order(node, { operation: 'removenode', hostId: pick(dead)! });
    else if (dice < 0.8 && members.length > 3) order(node, { operation: 'decommission', hostId: pick(members)! });
    else if (oneToken) order(node, { operation: 'move', hostId: node.hostId, tokens: [randomToken(random)] });
  };
  /** Some hear late, at random. */
  const deafen = (): void => {
    const heardMs = Math.min(untilMs, world.nowMs + random.below(lateMs));
    for (const node of world.nodes) if (random.fraction() < 0.4) gossip.delay(node, heardMs);
    if (world.nowMs < untilMs) world.at(world.nowMs + random.below(lateMs), deafen);
  };
  /** Two replicas of the hot key hear late, one of them the one that loses it. Two more would leave no majority to vote. */
  const sleep = (loser: HostId | null): void => {
    if (running().some((node) => gossip.isLate(node))) return;
    const route = running()
      .map((node) => store.route(node, hot))
      .find((each) => each !== null);
    const others = shuffle(route?.replicas.map(({ hostId }) => hostId) ?? [], random);
    const asleep = [...new Set([...(loser === null ? [] : [loser]), ...others])].slice(0, 2);
    const heardMs = Math.min(untilMs, world.nowMs + 1_000 + random.below(2 * lateMs));
    for (const node of running()) if (asleep.includes(node.hostId)) gossip.delay(node, heardMs);
  };
  const operations = new Set<string>();
  world.listen((_, event) => {
    if (stormy || event.kind !== 'movement' || operations.has(event.movement.operationId)) return;
    operations.add(event.movement.operationId);
    const moving = pick(store.keysIn(event.movement.ranges));
    if (moving === undefined || world.nowMs >= untilMs) return;
    hot = moving;
    world.at(world.nowMs + random.below(500), () => sleep(event.movement.sources[0]!));
  });
  /** The hour of the barriers: some go on to the next step, and some cannot hear of it. */
  const splitInTheMiddle = (): void => {
    if (world.nowMs >= untilMs || random.fraction() < 0.3) return;
    hot = pick(store.keys)!;
    const changing = running()
      .map((node) => store.route(node, hot))
      .find((route) => route !== null && route.pending.length > 0);
    split(world, random, changing ?? null);
  };
  const storm = (): void => {
    const node = pick(running());
    const stopped = pick(world.nodes.filter((each) => mayStart(each)));
    const dice = random.fraction();
    if (dice < 0.4) {
      begin();
      world.at(world.nowMs + random.below(3_000), splitInTheMiddle);
    } else if (dice < 0.6) stopped?.start();
    else if (dice < 0.72) {
      // One dead node leaves quorums of three; more would leave nothing to see.
      if (running().length > size - 1) node?.crash();
    } else if (dice < 0.92) world.network.heal();
    else if (node !== undefined) world.stall(node, random.below(4_000));
  };
  const calm = (): void => {
    if (random.fraction() < 0.4) sleep(null);
    begin();
  };
  if (stormy) deafen();
  while (world.nowMs < untilMs) {
    if (stormy) storm();
    else calm();
    world.run(random.below(1_500));
  }
  world.network.heal();
  world.network.change({ lossRatio: 0 });
  const rest = settle(world);
  store.demandAll(rest);
  const { writes, reads, refused, movements } = store;
  return { writes, reads, refused, movements, epochs: rest.reader.register.position.epoch };
}

type OperationRequest = Extract<Command, { kind: 'beginOperation' }>['request'];

function order(node: SimulatedNode, request: OperationRequest): void {
  node.command({ kind: 'beginOperation', request, force: false });
}

function makeKeyspace(world: World, replicationFactor: number): void {
  const replication = { class: 'SimpleStrategy', replication_factor: replicationFactor };
  world.nodes[0]!.command({ kind: 'putSchema', type: 'keyspace', name: keyspace, replication, document: null });
  const known = (): boolean => world.nodes.every((node) => node.reader.schema.list().length === 1);
  if (!world.runUntil(known, 60_000)) throw new Error(`seed ${world.seed}: the keyspace is not known to all`);
}

/** Cuts the world in two: two replicas of the key from all others, or at random. */
function split(world: World, random: SeededRandom, route: Route | null): void {
  const apart = new Set(route?.replicas.slice(-2).map(({ hostId }) => hostId));
  const halves: string[][] = [[], []];
  for (const node of world.nodes) {
    const half = apart.size > 0 ? Number(node.running && apart.has(node.hostId)) : random.below(2);
    halves[half]!.push(node.address);
  }
  world.network.partition(halves);
}

function randomToken(random: SeededRandom): bigint {
  return BigInt.asIntN(64, (BigInt(random.uint32()) << 32n) | BigInt(random.uint32()));
}

/** A node that gave up, left, or was removed stays down. */
const mayStart = (node: SimulatedNode): boolean =>
  !node.running && node.life > 0 && (node.fatal === null || node.fatal.code === 'SEEDS_UNREACHABLE');

/** Starts everybody, and runs until the ring is at rest and all see the same. Answers one of its members. */
function settle(world: World): SimulatedNode {
  const atRest = (): SimulatedNode | null => {
    const members = world.nodes.filter((node) => node.running && node.ready);
    const [first] = members;
    const state = first?.reader.register.state;
    if (first === undefined || state == null || state.operation !== null) return null;
    const same = members.every((node) => node.reader.ring()?.fingerprint === first.reader.ring()?.fingerprint);
    const all = [...state.members.keys()].every((hostId) => members.some((node) => node.hostId === hostId));
    return same && all ? first : null;
  };
  for (const untilMs = world.nowMs + calmMs; world.nowMs < untilMs; world.run(500)) {
    for (const node of world.nodes) if (mayStart(node)) node.start();
    const calm = atRest();
    if (calm !== null) return calm;
  }
  const seen = world.nodes.map(({ address, running, fatal }, place) => {
    if (!running) return `${address} ${fatal?.code ?? 'down'}`;
    const { register, waitingFor, operationWaitingFor } = world.nodes[place]!.reader;
    const { operation, epoch } = { operation: register.state?.operation, epoch: register.position.epoch };
    const waits = [...waitingFor, ...operationWaitingFor].join('; ');
    return `${address} epoch ${epoch} ${operation === null ? 'at rest' : `${operation?.kind} ${operation?.step}`} ${waits}`;
  });
  throw new InvariantViolation(`seed ${world.seed}: the ring does not come to rest: ${seen.join(' | ')}`);
}
