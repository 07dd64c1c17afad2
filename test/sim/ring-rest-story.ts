import { InvariantViolation } from '../../src/base/error.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { NodeConfig } from '../../src/node/node-config.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import { OneOpenOperation } from '../../src/sim/invariants/one-open-operation.ts';
import { OneOwnerPerToken } from '../../src/sim/invariants/one-owner-per-token.ts';
import { OneRecordPerEpoch } from '../../src/sim/invariants/one-record-per-epoch.ts';
import { RemovedStaysOut } from '../../src/sim/invariants/removed-stays-out.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { ask, DataMover } from './data-mover.ts';
import { demandFreshFold } from './fresh-fold.ts';
import { demandReadableMessages } from './readable-messages.ts';
import { RingOperator } from './ring-operator.ts';
import { RingTrouble } from './ring-trouble.ts';
import { singleMessages } from './single-messages.ts';

const steps = 40;
const calmMs = 420_000;
/** All that a node says where nobody has news: it probes, compares bulk keys, and asks seeds that lead to nobody. */
const idle: ReadonlySet<string> = new Set([
  ...['probe', 'probeAck', 'probeRequest', 'probeRelay', 'nack', 'roots', 'buckets bulk'],
  ...['shadowSyn', 'shadowAck'],
]);
/** No cluster of this size, whatever happens, sends so much in one second; two that answer one another's answers do. */
const mostEachSecond = 3_000;

export interface RingRest {
  /** Nodes that saw another history, and nodes that knew their store to be an old copy, once the trouble was over. */
  readonly forked: number;
  readonly restored: number;
  /** What the records tell of. */
  readonly kinds: ReadonlySet<string>;
}

/**
 * One seed's story: whatever happened to a ring, it comes to rest once it is left alone by all but an operator who does what
 * the manual says: nothing is open, all see the same, who was removed has ended, nobody has anything to tell, and a newcomer
 * and another change still come through. Throws, with the seed in its words, where that breaks.
 */
export function runRingRest(seed: number): RingRest {
  const random = new SeededRandom(seed ^ 0x7e57);
  const world = new World(seed, { lossRatio: random.fraction() < 0.5 ? 0 : random.fraction() * 0.1 });
  // What a node knows may go back here, where it adopts a shorter history; and the life of a backup may have a generation
  // that another life had, until it outbids itself.
  const invariants = [OneRecordPerEpoch, OneOpenOperation, OneOwnerPerToken, RemovedStaysOut];
  const watch = new InvariantWatch(
    world,
    invariants.map((Rule) => new Rule()),
  );
  demandReadableMessages(world);
  const mover = new DataMover(world);
  const tokens = 1 + random.below(3);
  const datacenters = 1 + random.below(2);
  const racks = 1 + random.below(3);
  const config = (place: number): Partial<NodeConfig> => ({
    tokens,
    datacenter: `dc${1 + (place % datacenters)}`,
    rack: `rack${1 + (place % racks)}`,
    movements: seed % 4 !== 0,
    joinTimeoutMs: 10_000,
  });
  let second = 0;
  let sent = 0;
  world.tap((from, _to, _channel, message) => {
    const now = Math.floor(world.nowMs / 1_000);
    if (now !== second) sent = 0;
    second = now;
    if (++sent > mostEachSecond) throw broken(`${from.address} and others storm, with ${message.kind}`);
    return true;
  });
  world.cluster(5 + random.below(5), config);
  const replication = { class: 'SimpleStrategy', replication_factor: 1 + random.below(3) };
  const put = { kind: 'putSchema', type: 'keyspace', replication, document: null } as const;
  world.nodes[0]!.command({ ...put, name: 'app' });
  world.run(3_000);

  mover.takesMs = random.below(6_000);
  mover.fault = () => (random.fraction() < 0.1 ? 'a fault of the application' : null);
  const trouble = new RingTrouble(world, random, config);
  for (let step = 0; step < steps; step++) {
    trouble.act();
    world.run([5, 100, 1_000, 5_000, 30_000][random.below(5)]!);
  }
  mover.fault = () => null;
  world.network.heal();
  const operator = new RingOperator(world, random);
  // For a while nobody looks, and whoever stopped is only started again.
  for (const untilMs = world.nowMs + 60_000; world.nowMs < untilMs; world.run(5_000)) operator.start();
  operator.look();
  rest(() => {
    operator.start();
    operator.act();
  });
  // Where messages are lost, now and then one that lives is suspected.
  world.network.change({ lossRatio: 0 });
  const said = new Set<string>();
  let listening = true;
  world.tap((_from, _to, _channel, message) => {
    if (!listening) return true;
    for (const each of singleMessages(message)) {
      said.add(each.kind === 'buckets' ? `buckets ${each.counter}` : each.kind);
    }
    return true;
  });
  world.run(90_000);
  said.clear();
  world.run(60_000);
  listening = false;
  const told = [...said].filter((kind) => !idle.has(kind));
  if (told.length > 0) throw broken(`at rest somebody still says ${told.join()}`);
  demandFreshFold(world);

  const member = anyMember();
  const late = world.addNode([member.address], config(world.nodes.length));
  late.start();
  rest(() => {}, 90_000);
  if (!late.ready) throw broken(`a newcomer is not ready: ${late.fatal?.message ?? late.reader.waitingFor.join()}`);
  ask(world, member, { ...put, name: 'last' });
  world.run(10_000);
  const altered = { class: 'SimpleStrategy', replication_factor: (replication.replication_factor % 3) + 1 };
  const request = { operation: 'alterReplication', keyspace: 'last', replication: altered } as const;
  const answer = ask(world, member, { kind: 'beginOperation', request, force: false });
  if ('error' in answer) throw broken(`another change is refused: ${answer.error.message}`);
  rest(() => {}, 90_000);
  demandFreshFold(world);
  if (watch.looks === 0) throw broken('nothing was looked at');
  return { forked: operator.forked, restored: operator.restored, kinds: kindsOf(member) };

  function broken(what: string): InvariantViolation {
    return new InvariantViolation(`seed ${seed} at ${Math.round(world.nowMs)} ms: ${what}`);
  }

  function anyMember(): SimulatedNode {
    return world.nodes.find((node) => node.running && node.reader.register.state?.members.has(node.hostId))!;
  }

  /** Runs until nothing keeps the world from rest. */
  function rest(between: () => void, withinMs = calmMs): void {
    const untilMs = world.nowMs + withinMs;
    for (let why = operator.unrest(); why !== null; why = operator.unrest()) {
      if (world.nowMs >= untilMs) throw broken(`no rest: ${why}`);
      between();
      world.run(5_000);
    }
  }
}

const kindsOf = (node: SimulatedNode): ReadonlySet<string> =>
  new Set(node.reader.register.log.records.map(({ kind, operation }) => operation ?? kind));
