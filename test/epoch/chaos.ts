import type { HostId } from '../../src/base/id.ts';
import type { RecordDraft } from '../../src/epoch/epoch-register.ts';
import { majority, type RingState, votersOf } from '../../src/epoch/ring-state.ts';
import { RegisterWorld, type SimNode, type Store } from './register-world.ts';
import { begin, draft, fold, operationId, ringOf, subject, uuid } from './ring-fixtures.ts';

const chaosMs = 25_000;
/** With a majority connected and little loss, one more record takes at most this long. */
const progressMs = 30_000;
export const voterCounts = [1, 2, 3, 4, 5, 7] as const;

export interface ChaosResult {
  readonly seed: number;
  readonly epochs: number;
  readonly steps: number;
  readonly progressTookMs: number;
  readonly forked: boolean;
  readonly restored: boolean;
}

/**
 * One seed's story: a ring whose members all propose against one another while messages are lost, repeated, late, the
 * network splits, and nodes crash with commits under way; then calm, with only a bare majority left alive in half of the
 * runs. Throws, with the seed in its words, where an invariant breaks.
 */
export function runChaos(seed: number, options: { readonly restore: boolean }): ChaosResult {
  const world = new RegisterWorld(seed);
  const { random } = world;
  const fail = (what: string): never => {
    throw new Error(`seed ${seed} at ${Math.round(world.nowMs)} ms${options.restore ? ' (restore)' : ''}: ${what}`);
  };
  const voters = voterCounts[seed % voterCounts.length]!;
  const records = ringOf(voters);
  for (let n = 0; n < voters; n++) world.add(uuid(n), records);
  // Strangers who may join; some are not even there.
  for (let n = voters; n < 14; n++) {
    const stranger = world.add(uuid(n));
    if (random.fraction() < 0.2) world.crash(stranger);
  }
  world.lossRatio = random.fraction() * 0.3;
  world.duplicateRatio = random.fraction() * 0.2;
  world.maxDelayMs = 5 + random.below(100);
  world.maxCommitMs = random.fraction() < 0.3 ? 300 : 10;

  let operations = 100;
  let chaos = true;
  let copy: { readonly node: SimNode; readonly store: Store } | null = null;
  const anyLive = (): SimNode | undefined => {
    const { live } = world;
    return live[random.below(live.length)];
  };
  const act = (): void => {
    world.at(100 + random.below(chaos ? 600 : 1_500), act);
    const members = world.live.filter((each) => each.register?.state?.members.has(each.hostId));
    const node = members[random.below(members.length)];
    const state = node?.register?.state;
    if (!node || !state?.members.has(node.hostId) || node.register?.proposing) return;
    const wish = wishOf(state, () => operationId(operations++), random);
    if (wish === null) return;
    const id = world.propose(node, wish);
    if (random.fraction() < 0.1) world.at(random.below(500), () => node.register?.withdraw(id));
  };
  const gossip = (): void => {
    world.at(200, gossip);
    const from = anyLive();
    const to = anyLive();
    if (from && to && from !== to) {
      if (to.register?.state === null && from.register?.state && from.side === to.side) world.adopt(to, from);
      else world.gossip(from, to);
    }
  };
  const harm = (): void => {
    if (!chaos) return;
    world.at(200 + random.below(1_500), harm);
    const node = [...world.nodes.values()][random.below(world.nodes.size)]!;
    const dice = random.fraction();
    if (dice < 0.45) {
      if (node.register === null) world.start(node);
      else world.crash(node);
    } else if (dice < 0.6) for (const each of world.nodes.values()) each.side = random.below(2);
    else if (dice < 0.8) for (const each of world.nodes.values()) each.side = 0;
    else if (options.restore && copy === null && node.store.records.length > 0)
      copy = { node, store: node.store.copy() };
    else if (options.restore && copy !== null && random.fraction() < 0.5) {
      const { node: victim, store } = copy;
      world.crash(victim);
      victim.store = store.copy();
      world.start(victim);
    }
  };
  act();
  gossip();
  harm();
  let seen = 0;
  const watch = (): boolean => {
    if (!options.restore && world.referee.forks.size > 0) fail(`two records for epoch ${[...world.referee.forks]}`);
    seen = Math.max(seen, world.referee.length);
    return false;
  };
  world.run(chaosMs, watch);

  // Calm: what is left is a majority of the voters, maybe a bare one, and every other node or not.
  chaos = false;
  world.lossRatio = random.fraction() * 0.05;
  world.maxDelayMs = 20;
  world.maxCommitMs = 20;
  for (const node of world.nodes.values()) node.side = 0;
  const bare = random.fraction() < 0.5;
  const repair = (): void => {
    world.at(100, repair);
    const newest = newestOf(world);
    const needed = votersOf(newest);
    let alive = needed.filter((hostId) => world.nodes.get(hostId)?.register).length;
    // A voter whose disk never got the history must be told by one who has it.
    const blank = needed.some((hostId) => world.nodes.get(hostId)?.register?.state === null);
    if (blank) for (const node of world.nodes.values()) if (node.register === null) world.start(node);
    for (const hostId of needed) {
      const node = world.nodes.get(hostId)!;
      if (node.register !== null || (bare && alive >= majority(needed.length))) continue;
      world.start(node);
      alive++;
    }
  };
  repair();
  const from = world.nowMs;
  const atStart = world.referee.length;
  const anyRestored = (): boolean => [...world.nodes.values()].some((node) => node.events.some(isRestored));
  const mayStall = options.restore;
  let stepOver = world.run(from + progressMs, () => watch() || world.referee.length > atStart + 1);
  const progressTookMs = world.nowMs - from;
  if (!stepOver && !mayStall) {
    fail(`stuck at epoch ${world.referee.length}: ${describe(world)}`);
  }
  stepOver = world.run(world.nowMs + 8_000, watch);
  if (world.referee.forks.size > 0) {
    if (!anyCopied(copy)) fail('a fork without a restored store');
    shown(world, fail);
  } else {
    const states = [...world.nodes.values()].map(stateOf).filter((state): state is RingState => state !== null);
    const wrong = world.referee.replay(states);
    if (wrong !== null) fail(wrong);
  }
  return {
    seed,
    epochs: world.referee.length,
    steps: world.steps,
    progressTookMs,
    forked: world.referee.forks.size > 0,
    restored: anyRestored(),
  };
}

const isRestored = (event: { readonly kind: string }): boolean => event.kind === 'restored';
const anyCopied = (copy: unknown): boolean => copy !== null;
const stateOf = (node: SimNode): RingState | null => node.register?.state ?? null;

function newestOf(world: RegisterWorld): RingState {
  const states = [...world.nodes.values()].map(stateOf).filter((state): state is RingState => state !== null);
  const live = states.reduce<RingState | null>(
    (best, state) => (best && best.epoch >= state.epoch ? best : state),
    null,
  );
  return (
    live ?? fold([...world.nodes.values()].map((node) => node.store.records).sort((l, r) => r.length - l.length)[0]!)
  );
}

/** Two live nodes with different records for one epoch both show the fork, once gossip has had its time. */
function shown(world: RegisterWorld, fail: (what: string) => never): void {
  const live = world.live.filter((node) => node.register?.state);
  for (const left of live) {
    for (const right of live) {
      const there = right.register!.log.positionAt(
        Math.min(left.register!.position.epoch, right.register!.position.epoch),
      );
      if (there === null || left.register!.log.compare(there) !== 'fork') continue;
      world.gossip(left, right);
    }
  }
  world.lossRatio = 0;
  for (let time = 0; time < 20; time++) {
    for (const left of live) for (const right of live) if (left !== right) world.gossip(left, right);
    world.run(world.nowMs + 500);
  }
  for (const left of live) {
    for (const right of live) {
      const epoch = Math.min(left.register!.position.epoch, right.register!.position.epoch);
      const there = right.register!.log.positionAt(epoch);
      if (there !== null && left.register!.log.compare(there) === 'fork' && left.register!.fork === null) {
        fail(`${left.hostId} does not show the fork with ${right.hostId}`);
      }
    }
  }
}

function describe(world: RegisterWorld): string {
  return [...world.nodes.values()]
    .map((node) => `${node.hostId.slice(-2)}: ${node.register ? node.register.position.epoch : 'crashed'}`)
    .join(', ');
}

/** Some record that follows the state, as a member might want it. Null: nothing to wish for. */
function wishOf(
  state: RingState,
  newId: () => string,
  random: { below(n: number): number; fraction(): number },
): RecordDraft | null {
  const open = state.operation;
  if (open !== null) {
    if (open.step === 'switch') return draft('end', open.operationId);
    return draft(random.fraction() < 0.3 ? 'abort' : 'switch', open.operationId);
  }
  const pick = <T>(items: readonly T[]): T | undefined => items[random.below(items.length)];
  const normal = [...state.members.values()].filter((member) => member.state === 'normal');
  const strangers: HostId[] = [];
  for (let n = 0; n < 14; n++) {
    if (!state.members.has(uuid(n)) && !state.removed.has(uuid(n))) strangers.push(uuid(n));
  }
  const numberOf = (hostId: HostId): number => Number.parseInt(hostId.slice(-12), 16);
  const stranger = pick(strangers);
  const member = pick(normal);
  const dice = random.fraction();
  if (dice < 0.5 && stranger !== undefined) {
    const joiners = random.fraction() < 0.3 ? strangers.slice(0, 2) : [stranger];
    const free = joiners.filter((hostId) => !owns(state, subject(numberOf(hostId)).tokens[0]!));
    return free.length === 0
      ? null
      : begin(
          'bootstrap',
          newId(),
          free.map((hostId) => subject(numberOf(hostId))),
        );
  }
  if (member === undefined) return null;
  const alone = { hostId: member.hostId, tokens: [] };
  if (dice < 0.65 && normal.length > 2) return begin('decommission', newId(), [alone]);
  if (dice < 0.75 && normal.length > 2) return begin('removenode', newId(), [alone]);
  if (dice < 0.85 && stranger !== undefined) {
    return begin('replace', newId(), [{ hostId: stranger, tokens: [] }], { replaces: member.hostId });
  }
  const token = BigInt(100_000 + random.below(1_000_000));
  return owns(state, token) ? null : begin('move', newId(), [{ hostId: member.hostId, tokens: [token] }]);
}

function owns(state: RingState, token: bigint): boolean {
  return [...state.members.values()].some((member) => member.tokens.includes(token));
}
