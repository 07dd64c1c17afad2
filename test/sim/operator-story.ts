import { InvariantViolation } from '../../src/base/error.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { OperationRequest } from '../../src/lifecycle/operation-request.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { differenceOf } from '../../src/sim/invariants/convergence.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { DataMover } from './data-mover.ts';
import { demandFreshFold } from './fresh-fold.ts';
import { demandReadableMessages } from './readable-messages.ts';
import { demandNoneOpen, isGone, noneOpen, resumeFailed } from './ring-chaos.ts';

export interface OperatorStory {
  readonly kind: string;
  /** How each operation came to its end: `end`, `abort`, `remove`. */
  readonly outcomes: readonly string[];
  readonly interruptions: number;
}

export const kinds = ['bootstrap', 'decommission', 'move', 'replace', 'removenode', 'alterReplication'] as const;

const joinTimeoutMs = 5_000;
const calmMs = 300_000;

/**
 * One seed's story: an operation of one kind, and in the middle of it operators abort, resume and force, and anybody
 * crashes: the subject, who drives, who gains, who stands by. Then everybody is started again, what failed is tried again,
 * and the ring must come to rest: no operation open, no range pending, no movement running, and replicas as a fresh fold
 * of the records has them, at every node.
 *
 * Throws, with the seed in its words, where that breaks.
 */
export function runOperatorStory(seed: number): OperatorStory {
  const random = new SeededRandom(seed ^ 0x0e5a);
  const world = new World(seed, { lossRatio: random.fraction() * 0.05 });
  const watch = new InvariantWatch(world);
  demandReadableMessages(world);
  const mover = new DataMover(world);
  // Applications ask all the time, so what is cached of a ring is there before the ring moves.
  world.listen((node, event) => {
    if (event.kind === 'ring' || event.kind === 'schema') node.reader.router()?.routeToken(0n, null);
  });
  const kind = kinds[seed % kinds.length]!;
  const config = { tokens: kind === 'move' ? 1 : 1 + random.below(4), movements: true, joinTimeoutMs };
  const size = 4 + random.below(3);
  convergedCluster(world, size, config);
  const factor = 1 + random.below(3);
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
  const running = (): SimulatedNode[] => world.nodes.filter((node) => node.running);
  const replication = (replicas: number): Record<string, string | number> =>
    random.fraction() < 0.5
      ? { class: 'SimpleStrategy', replication_factor: replicas }
      : { class: 'NetworkTopologyStrategy', dc1: replicas };
  const definition = { kind: 'putSchema', type: 'keyspace', document: null } as const;
  world.nodes[0]!.command({ ...definition, name: 'app', replication: replication(factor) });
  world.nodes[0]!.command({ ...definition, name: 'other', replication: replication(2) });
  world.run(5_000);
  const { epoch: before } = world.nodes[0]!.reader.register.position;

  mover.takesMs = random.below(3_000);
  mover.fault = () => (random.fraction() < 0.2 ? 'a fault of the application' : null);
  const subject = pick(world.nodes.slice(1));
  const { hostId } = subject;
  begin();
  let interruptions = 0;
  for (const acts = 1 + random.below(5); interruptions < acts; interruptions++) {
    world.run(random.below(3_000));
    interrupt();
  }
  mover.fault = () => null;
  settle(world);
  demandFreshFold(world);
  const [unwanted] = mover.unwanted;
  if (unwanted !== undefined) throw new InvariantViolation(`seed ${seed}: ${unwanted} ran on, and was never cancelled`);
  if (watch.looks === 0) throw new InvariantViolation(`seed ${seed}: nothing was looked at`);
  const { records } = running()[0]!.reader.register.log;
  const outcomes = records.flatMap((record) =>
    record.epoch > before && ['end', 'abort', 'remove'].includes(record.kind) ? [record.kind] : [],
  );
  return { kind, outcomes, interruptions };

  function order(node: SimulatedNode, request: OperationRequest, force = false): void {
    node.command({ kind: 'beginOperation', request, force });
  }

  function begin(): void {
    const asked = pick(running().filter((node) => node !== subject));
    switch (kind) {
      case 'bootstrap':
        return world.addNode([asked.address], config).start();
      case 'decommission':
        return order(asked, { operation: 'decommission', hostId }, true);
      case 'move':
        return order(asked, { operation: 'move', hostId, tokens: [BigInt(random.uint32()) * 2n ** 31n] });
      case 'alterReplication': {
        const altered = replication((factor % 3) + 1);
        return order(asked, { operation: 'alterReplication', keyspace: 'app', replication: altered });
      }
      case 'replace':
      case 'removenode':
        subject.crash();
        world.runUntil(() => isDead(asked), 60_000);
        if (kind === 'removenode') return order(asked, { operation: 'removenode', hostId });
        return world.addNode([asked.address], { ...config, replace: hostId }).start();
    }
  }

  function isDead(asked: SimulatedNode): boolean {
    return asked.reader.members().find((member) => member.hostId === hostId)?.liveness === 'dead';
  }

  /** What an operator, or a power cut, does in the middle. */
  function interrupt(): void {
    const asked = pick(running());
    const open = asked.reader.register.state?.operation ?? null;
    const dice = random.fraction();
    if (dice < 0.2 && open !== null)
      return void asked.command({ kind: 'abortOperation', operationId: open.operationId });
    if (dice < 0.35 && open !== null) {
      return void asked.command({ kind: 'resumeOperation', operationId: open.operationId });
    }
    if (dice < 0.5) {
      const dead = asked.reader.members().filter((member) => member.liveness === 'dead' && member.state !== null);
      if (dead.length > 0) return void asked.command({ kind: 'forceRemove', hostId: pick(dead).hostId, force: false });
    }
    if (dice < 0.6) return order(asked, { operation: 'decommission', hostId: asked.hostId }, random.fraction() < 0.5);
    const stopped = world.nodes.filter((node) => !node.running && !isGone(world, node) && node !== subject);
    if (stopped.length > 1 || (dice > 0.9 && stopped.length > 0)) return pick(stopped).start();
    const chosen = random.fraction() < 0.3 && open !== null ? open.subjects[0]?.hostId : asked.hostId;
    (running().find((node) => node.hostId === chosen) ?? asked).crash();
  }
}

/** Starts everybody, tries again what failed, and runs until all agree that nothing is open. */
function settle(world: World): void {
  for (const untilMs = world.nowMs + calmMs; world.nowMs < untilMs; ) {
    for (const node of world.nodes) if (!node.running && !isGone(world, node) && node.life > 0) node.start();
    world.run(1_000);
    const rest = world.nodes.every((node) => node.running || isGone(world, node));
    if (rest && noneOpen(world) && differenceOf(world) === null) return;
    if (Math.floor(world.nowMs / 10_000) !== Math.floor((world.nowMs - 1_000) / 10_000)) resumeFailed(world);
  }
  demandNoneOpen(world);
  const stopped = world.nodes.find((node) => !node.running && !isGone(world, node));
  const why = stopped === undefined ? differenceOf(world) : `${stopped.address} stopped: ${stopped.fatal?.message}`;
  throw new InvariantViolation(`seed ${world.seed}: no rest: ${why}`);
}
