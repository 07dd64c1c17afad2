import { votersOf } from '../../src/epoch/ring-state.ts';
import { RegisterWorld } from './register-world.ts';
import { draft, operationId, ringOf, uuid } from './ring-fixtures.ts';

export interface RestoreResult {
  /** Some live voter remembered a later commit number than the copy has. */
  readonly remembered: boolean;
  readonly caught: boolean;
}

/**
 * One voter's store is copied, the ring goes on, and the voter comes back on the copy, while some of the others are dead.
 * Throws where a live voter remembers a later commit number and it votes all the same, or where two records are decided
 * although one remembered.
 */
export function runRestore(seed: number): RestoreResult {
  const world = new RegisterWorld(seed);
  const { random } = world;
  const voters = 2 + (seed % 6);
  const records = ringOf(voters);
  for (let n = 0; n < voters; n++) world.add(uuid(n), records);
  const nodes = [...world.nodes.values()];
  const victim = nodes[random.below(voters)]!;
  let count = 0;
  const alter = (): void => {
    const proposer = nodes[random.below(voters)]!;
    if (proposer.register === null || proposer.register.proposing) return;
    const change = { keyspace: `k${count++}`, replication: { class: 'SimpleStrategy' } };
    world.propose(proposer, draft('alterReplication', operationId(count), [], { alter: change }));
  };
  const go = (steps: number): void => {
    for (let step = 0; step < steps; step++) {
      alter();
      world.run(world.nowMs + random.below(400));
    }
  };
  go(random.below(6));
  const copy = victim.store.copy();
  go(random.below(6));
  // A last vote whose proposer may die before it learns it.
  alter();
  world.run(world.nowMs + random.below(60));
  world.crash(victim);
  for (const node of nodes) {
    const others = nodes.filter((each) => each.register !== null).length;
    if (node !== victim && random.fraction() < 0.3 && others + 1 > voters / 2 + 1) world.crash(node);
  }
  world.run(world.nowMs + 1_500);
  const told = copy.acceptor?.commitNumber ?? 0;
  const stillVoter = votersOf(nodes.find((node) => node.register)!.register!.state!).includes(victim.hostId);
  const remembered =
    stillVoter &&
    nodes.some((node) => node.register !== null && (node.store.remembered.get(victim.hostId) ?? 0) > told);
  let votes = 0;
  world.passes = (from, _, message) => {
    if (from === victim.hostId && (message.kind === 'promise' || message.kind === 'accepted')) votes++;
    return true;
  };
  victim.store = copy;
  world.start(victim);
  for (let step = 0; step < 30; step++) {
    alter();
    world.run(world.nowMs + 500);
  }
  const caught = victim.register!.restored;
  const fail = (what: string): never => {
    throw new Error(`seed ${seed} (restore of ${victim.hostId}): ${what}`);
  };
  if (remembered && votes > 0) fail(`voted ${votes} times although a live voter remembers more than ${told}`);
  if (remembered && !caught) fail('not caught');
  if (remembered && world.referee.forks.size > 0) fail(`two records for epoch ${[...world.referee.forks]}`);
  return { remembered, caught };
}
