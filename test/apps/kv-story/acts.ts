import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '#dist/base/random';
import type { Cluster } from './cluster.ts';
import type { NodeProcess } from './node-process.ts';

/** An act tells what it does, and resolves once the ring has settled after it. It rejects where the ring did not. */
type Act = (cluster: Cluster, random: Random, say: (line: string) => void) => Promise<'impossible' | undefined>;

const settleMs = 90_000;
/** With fewer, a node that leaves would leave too few replicas for a node to die besides. */
const fewest = 4;
const most = 7;

const pick = (cluster: Cluster, random: Random): NodeProcess => cluster.serving[random.below(cluster.serving.length)]!;

/** Somewhere in the middle of what was begun just now. */
const middle = (random: Random): Promise<void> => sleep(random.below(4_000));

const anyToken = (random: Random): string =>
  String(BigInt.asIntN(64, (BigInt(random.uint32()) << 32n) | BigInt(random.uint32())));

async function killed(cluster: Cluster, node: NodeProcess): Promise<void> {
  await node.kill();
  await cluster.until(`${node.name} is seen dead`, ({ dead }) => dead.includes(node.hostId), settleMs);
}

/** What is refused because somebody who just came back is not seen alive yet, or an operation is open, may be done later. */
async function insist(order: () => Promise<unknown>): Promise<void> {
  for (const untilMs = performance.now() + settleMs; ; await sleep(500)) {
    try {
      await order();
      return;
    } catch (error) {
      const passing = /not alive|is alive|is suspect|the open|is open|majority/.test(String(error));
      if (!passing || performance.now() > untilMs) throw error;
    }
  }
}

/** What may be done to the ring, by name. */
export const acts = {
  async join(cluster, _random, say) {
    if (cluster.serving.length >= most) return 'impossible';
    const node = cluster.spawn();
    say(`${node.name} joins`);
    await node.ready(settleMs);
  },

  /** Two join in one operation, so that a range may change two of its replicas at once. */
  async joinTwo(cluster, _random, say) {
    if (cluster.serving.length + 1 >= most) return 'impossible';
    const nodes = [cluster.spawn(), cluster.spawn()];
    say(`${nodes.map(({ name }) => name).join(' and ')} join`);
    await Promise.all(nodes.map((node) => node.ready(settleMs)));
  },

  async leave(cluster, random, say) {
    if (cluster.serving.length <= fewest) return 'impossible';
    const node = pick(cluster, random);
    say(`${node.name} leaves`);
    // A node that has left ends, perhaps before its word of it is out.
    await insist(() => node.order({ kind: 'decommission' })).catch((error: Error) => {
      if (!node.over) throw error;
    });
    await cluster.until(`${node.name} is out`, ({ owners }) => !owners.includes(node.hostId), settleMs);
    await node.kill();
  },

  async move(cluster, random, say) {
    const node = pick(cluster, random);
    if (node.setup.kv.node.tokens !== 1) return 'impossible';
    const token = anyToken(random);
    say(`${node.name} moves to ${token}`);
    await insist(() => node.order({ kind: 'move', token }));
    await cluster.quiet(settleMs);
  },

  /** The mover dies in the middle, comes back, and goes on. */
  async moveAndDie(cluster, random, say) {
    const node = pick(cluster, random);
    if (node.setup.kv.node.tokens !== 1) return 'impossible';
    const token = anyToken(random);
    say(`${node.name} moves to ${token}`);
    const moving = insist(() => node.order({ kind: 'move', token })).catch(() => null);
    await middle(random);
    say(`${node.name} is killed in the middle`);
    await node.kill();
    await moving;
    await middle(random);
    say(`${node.name} comes back`);
    await cluster.restart(node);
    await cluster.quiet(settleMs);
  },

  async replace(cluster, random, say) {
    const dead = pick(cluster, random);
    say(`${dead.name} is killed`);
    await killed(cluster, dead);
    const node = cluster.spawn(dead.hostId);
    say(`${node.name} replaces ${dead.name}`);
    await node.ready(settleMs);
  },

  async remove(cluster, random, say) {
    if (cluster.serving.length <= fewest) return 'impossible';
    const dead = pick(cluster, random);
    say(`${dead.name} is killed`);
    await killed(cluster, dead);
    say(`${dead.name} is removed`);
    // Another may not have seen it dead yet, and would refuse.
    await insist(() => cluster.serving[0]!.order({ kind: 'remove', hostId: dead.hostId }));
    await cluster.until(`${dead.name} is out`, ({ owners }) => !owners.includes(dead.hostId), settleMs);
    await cluster.quiet(settleMs);
  },

  /** A bystander, who may be source or replica, dies while another joins, and comes back. */
  async joinWhileOneDies(cluster, random, say) {
    if (cluster.serving.length >= most) return 'impossible';
    const victim = pick(cluster, random);
    const node = cluster.spawn();
    say(`${node.name} joins`);
    await middle(random);
    say(`${victim.name} is killed in the middle`);
    await victim.kill();
    await middle(random);
    say(`${victim.name} comes back`);
    await cluster.restart(victim);
    await node.ready(settleMs);
    await cluster.quiet(settleMs);
  },

  /** The joiner dies in the middle for good: the others undo its join, or end it without it. */
  async joinInVain(cluster, random, say) {
    if (cluster.serving.length >= most) return 'impossible';
    const node = cluster.spawn();
    say(`${node.name} joins`);
    await middle(random);
    say(`${node.name} is killed in the middle`);
    await node.kill();
    await cluster.until('the join is over', ({ operations }) => operations.length === 0, settleMs);
  },

  /** The leaver dies in the middle, comes back, and goes on. */
  async leaveAndDie(cluster, random, say) {
    if (cluster.serving.length <= fewest) return 'impossible';
    const node = pick(cluster, random);
    say(`${node.name} leaves`);
    const leaving = insist(() => node.order({ kind: 'decommission' })).catch(() => null);
    await middle(random);
    say(`${node.name} is killed in the middle`);
    await node.kill();
    await leaving;
    await middle(random);
    say(`${node.name} comes back`);
    await cluster.restart(node).catch(() => null);
    await cluster.until('the operation is over', ({ operations }) => operations.length === 0, settleMs);
  },
} satisfies Record<string, Act>;
