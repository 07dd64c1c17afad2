import { InvariantViolation } from '../../src/base/error.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { majority, votersOf } from '../../src/epoch/ring-state.ts';
import type { Seed } from '../../src/node/core-io.ts';
import { demandConvergence, differenceOf } from '../../src/sim/invariants/convergence.ts';
import type { Invariant } from '../../src/sim/invariants/invariant.ts';
import { allInvariants, InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { addressOf, World } from '../../src/sim/world.ts';
import { demandFreshFold } from './fresh-fold.ts';
import { demandReadableMessages } from './readable-messages.ts';
import { announce, removalOf } from './removal.ts';
import { demandNoneOpen, isGone, isRefused, noneOpen, RingChaos, resumeFailed } from './ring-chaos.ts';

/** Calm enough for all that waits: conviction (37 s at most), aborted joins (30 s), a schema's look-again (60 s). */
const calmMs = 240_000;
const minuteMs = 60_000;

/** A node that gives up while nobody answers, or while a schema version is out of reach, is right to. */
const rightToStop: ReadonlySet<string> = new Set(['SEEDS_UNREACHABLE', 'TIMEOUT']);

export interface ChaosResult {
  readonly nodes: number;
  readonly epochs: number;
  readonly harms: number;
  readonly looks: number;
  /** Virtual time from the end of the harm until all agreed. */
  readonly healedMs: number;
  /** Operations of operators that came to their end. */
  readonly ended: number;
}

/**
 * One seed's story: a few nodes found a cluster, join it and change things, while they crash with commits under way, stop,
 * stall, lose messages, and the network splits one way or both; their clocks are minutes apart. Then all of it ends,
 * everybody is started again, and the world must come to one view in which everybody is ready.
 *
 * Throws, with the seed in its words, where an invariant breaks.
 */
export function runChaos(
  seed: number,
  invariants: readonly Invariant[] = allInvariants(),
  /** True: operators change the ring meanwhile, and its data moves. */
  ringChanges = false,
): ChaosResult {
  const random = new SeededRandom(seed ^ 0x5eed);
  const world = new World(seed, { lossRatio: random.fraction() * 0.2, duplicateRatio: random.fraction() * 0.1 });
  const watch = new InvariantWatch(world, invariants);
  demandReadableMessages(world);
  const size = 1 + random.below(7);
  const seedCount = size > 1 && random.fraction() < 0.5 ? 2 : 1;
  const seedsNow = (): Seed[] =>
    world.nodes
      .slice(0, seedCount)
      .map(({ address }, index) => ({ name: `seed${index}:7600`, literal: true, addresses: [address] }));
  const changer = ringChanges ? new RingChaos(world, seed, seedCount, seedsNow) : null;
  let moves = 0;
  const pick = <T>(items: readonly T[]): T | undefined => items[random.below(items.length)];
  for (let index = 0; index < size; index++) {
    const node = world.addNode([], {
      tokens: 1 + random.below(4),
      rack: `rack${index % 3}`,
      // Operations are about owners; what an observer says of itself is outside the roots.
      join: ringChanges || index < 2 || random.fraction() > 0.1,
      movements: ringChanges && seed % 4 !== 0,
    });
    node.clockSkewMs = Math.floor((random.fraction() * 2 - 1) * 3 * minuteMs);
    node.commitMs = random.fraction() < 0.2 ? 300 : 5;
  }
  for (const node of world.nodes) node.reseed(seedsNow());
  const cutOneWay = (): void => {
    const from = pick(world.nodes)!;
    const to = pick(world.nodes)!;
    world.network.cut(from.address, to.address);
  };
  const split = (): void => {
    const halves: string[][] = [[], []];
    for (const node of world.nodes) halves[random.below(2)]!.push(node.address);
    world.network.partition(halves);
  };
  const edit = (node: SimulatedNode): void => {
    const name = `n${random.below(3)}`;
    const drop = random.fraction() < 0.25;
    if (drop) node.command({ kind: 'dropSchema', type: 'document', name });
    else {
      const document = String(random.below(1_000));
      node.command({ kind: 'putSchema', type: 'document', name, replication: null, document });
    }
  };
  const setState = (node: SimulatedNode): void => {
    const key = random.fraction() < 0.7 ? `x:k${random.below(4)}` : `x:bulk:k${random.below(2)}`;
    const value = random.fraction() < 0.3 ? null : 'v'.repeat(random.below(200)) + random.below(1_000);
    node.command({ kind: 'setStates', entries: [[key, value]] });
  };
  const abort = (node: SimulatedNode): void => {
    const operationId = node.reader.register.state?.operation?.operationId;
    if (operationId !== undefined) node.command({ kind: 'abortOperation', operationId });
  };
  /** A host comes back under another address; the seed list has names, and follows. */
  const moveAway = (node: SimulatedNode): void => {
    const index = world.nodes.indexOf(node);
    world.move(node, addressOf(256 * ++moves + index));
    for (const each of world.nodes) each.reseed(seedsNow());
    node.start();
  };
  const harm = (): void => {
    const stopped = pick(world.nodes.filter((node) => !node.running && !isGone(world, node)));
    const running = pick(world.nodes.filter((node) => node.running));
    const dice = random.fraction();
    if (dice < 0.03 && stopped !== undefined) moveAway(stopped);
    else if (dice < 0.3) stopped?.start();
    else if (dice < 0.42) running?.crash();
    else if (dice < 0.47) running?.stop();
    else if (dice < 0.52) split();
    else if (dice < 0.58) cutOneWay();
    else if (dice < 0.66) world.network.heal();
    else if (dice < 0.7) world.network.change({ lossRatio: random.fraction() * 0.4 });
    else if (running === undefined) return;
    else if (dice < 0.73) world.stall(running, 1_000 + random.below(9_000));
    else if (dice < 0.75) running.clockSkewMs += Math.floor((random.fraction() * 2 - 1) * minuteMs);
    else if (dice < 0.85) edit(running);
    else if (dice < 0.97) setState(running);
    else abort(running);
  };

  world.nodes[0]!.start();
  const harmUntilMs = 20_000 + random.below(60_000);
  // Some stories are dense, some leave time for verdicts.
  const paceMs = 200 + random.below(4_000);
  let harms = 0;
  for (; world.nowMs < harmUntilMs; harms++) {
    if (changer === null || !changer.act()) harm();
    world.run(random.below(paceMs));
  }

  world.network.heal();
  world.network.change({ lossRatio: random.fraction() * 0.03, duplicateRatio: 0 });
  const calmFromMs = world.nowMs;
  settle(world, new Set());
  const healedMs = world.nowMs - calmFromMs;
  const ending = random.fraction();
  if (changer !== null) {
    demandFreshFold(world);
    return result();
  }
  if (ending < 0.3) bareMajority(world, world.nodes.slice(seedCount), seedsNow());
  else if (ending < 0.6) forcedRemoval(world, pick(world.nodes.slice(seedCount)));
  return result();

  function result(): ChaosResult {
    // The first node may have been replaced meanwhile: then it is right to be stopped.
    const { epoch } = world.nodes.find((node) => node.running)!.reader.register.state!;
    return { nodes: size, epochs: epoch, harms, looks: watch.looks, healedMs, ended: changer?.ended() ?? 0 };
  }
}

/** Starts everybody but `asleep`, and runs until all agree. Throws where they do not in time, or where one stops for no reason. */
function settle(world: World, asleep: ReadonlySet<SimulatedNode>): void {
  const untilMs = world.nowMs + calmMs;
  while (world.nowMs < untilMs) {
    for (const node of world.nodes) {
      const { fatal } = node;
      // Whoever was removed stops; that it was, somebody must know in the end.
      if (asleep.has(node) || node.left || fatal?.code === 'REMOVED' || isRefused(node)) continue;
      if (fatal !== null && !rightToStop.has(fatal.code)) {
        throw new InvariantViolation(
          `seed ${world.seed}: ${node.address} stopped with ${fatal.code}: ${fatal.message}`,
        );
      }
      if (!node.running) node.start();
    }
    world.run(500);
    if (differenceOf(world) === null && noneOpen(world) && stopped(world, asleep).every((node) => isGone(world, node)))
      return;
    if (Math.floor(world.nowMs / 10_000) !== Math.floor((world.nowMs - 500) / 10_000)) resumeFailed(world);
  }
  demandConvergence(world);
  demandNoneOpen(world);
  const unknown = stopped(world, asleep).find((node) => !isGone(world, node));
  if (unknown !== undefined)
    throw new InvariantViolation(
      `seed ${world.seed}: ${unknown.address} stopped, and nobody knows that it was removed`,
    );
}

const stopped = (world: World, asleep: ReadonlySet<SimulatedNode>): SimulatedNode[] =>
  world.nodes.filter((node) => !asleep.has(node) && !node.running);

/** As many owners as can be spared sleep, and one more node joins without them; then they wake. */
function bareMajority(world: World, candidates: readonly SimulatedNode[], seeds: readonly Seed[]): void {
  const voters = votersOf(world.nodes[0]!.reader.register.state!);
  const spared = voters.length - majority(voters.length);
  const asleep = candidates.filter((node) => voters.includes(node.hostId)).slice(0, spared);
  for (const node of asleep) node.crash();
  const joiner = world.addNode([]);
  joiner.reseed(seeds);
  settle(world, new Set(asleep));
  settle(world, new Set());
}

/** A sleeping owner is removed by force, and wakes to learn of it. */
function forcedRemoval(world: World, removed: SimulatedNode | undefined): void {
  const [teller, witness] = world.nodes.filter((node) => node !== removed);
  const voters = votersOf(world.nodes[0]!.reader.register.state!);
  if (removed === undefined || teller === undefined || witness === undefined) return;
  if (voters.length < 2 || !voters.includes(removed.hostId)) return;
  const { hostId } = removed;
  removed.crash();
  announce(removalOf(hostId, teller), teller, witness);
  settle(world, new Set([removed]));
  removed.start();
  if (!world.runUntil(() => removed.fatal?.code === 'REMOVED', minuteMs)) {
    throw new InvariantViolation(`seed ${world.seed}: ${removed.address} was removed and does not learn of it`);
  }
  settle(world, new Set([removed]));
}
