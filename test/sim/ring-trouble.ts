import { type Random, shuffle } from '../../src/base/random.ts';
import { hourMs } from '../../src/base/time.ts';
import type { Command } from '../../src/node/command.ts';
import type { NodeConfig } from '../../src/node/node-config.ts';
import type { StoredState } from '../../src/node/store-record.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';

/** So many nodes are added at most while there is trouble. */
const mostAdded = 6;

type OperationRequest = Extract<Command, { kind: 'beginOperation' }>['request'];

/**
 * All that can happen to a ring: operators change it in every way that the commands have, mostly at a bad moment, and hosts
 * crash, stop, move, are set back to a backup, and are cut off from one another, a minority being told to decide alone.
 */
export class RingTrouble {
  readonly #world: World;
  readonly #random: Random;
  readonly #config: (place: number) => Partial<NodeConfig>;
  /** The one backup that was made, of a node that was stopped for it. */
  #backup: { readonly node: SimulatedNode; readonly stored: StoredState } | null = null;
  #restored = false;
  #added = 0;
  #moves = 0;

  constructor(world: World, random: Random, config: (place: number) => Partial<NodeConfig>) {
    this.#world = world;
    this.#random = random;
    this.#config = config;
  }

  /** One thing that happens. */
  act(): void {
    const node = this.#pick(this.#running);
    if (node === undefined) return this.#start();
    const members = [...(node.reader.register.state?.members.keys() ?? [])];
    const removed = [...(node.reader.register.state?.removed.keys() ?? [])];
    const dead = node.reader.members().filter(({ liveness, state }) => liveness === 'dead' && state !== null);
    const dice = this.#random.below(32);
    const begin = (request: OperationRequest): unknown =>
      this.#order(node, { kind: 'beginOperation', request, force: this.#chance(0.5) });
    const hostId = this.#pick(members);
    const deadId = this.#pick(dead)?.hostId;
    const readmitted = this.#pick(removed);
    const open = node.reader.register.state?.operation ?? null;
    if (dice < 4) this.#join(node, deadId);
    else if (dice < 6 && hostId !== undefined) begin({ operation: 'decommission', hostId });
    else if (dice < 8 && deadId !== undefined) begin({ operation: 'removenode', hostId: deadId });
    else if (dice < 10 && hostId !== undefined) begin({ operation: 'move', hostId, tokens: [this.#token()] });
    else if (dice < 12 && deadId !== undefined)
      this.#order(node, { kind: 'forceRemove', hostId: deadId, force: this.#chance(0.7) });
    else if (dice < 13 && readmitted !== undefined)
      this.#order(node, { kind: 'readmit', hostId: readmitted, force: this.#chance(0.3) });
    else if (dice < 14) this.#order(node, { kind: 'drain' });
    else if (dice < 15) {
      node.command({ kind: 'planRestart', leaseMs: 1_000 + this.#random.below(100_000) });
      node.stop();
    } else if (dice < 18) this.#schema(node);
    else if (dice < 20 && open !== null) this.#order(node, { kind: 'abortOperation', operationId: open.operationId });
    else if (dice < 21 && open !== null) this.#order(node, { kind: 'resumeOperation', operationId: open.operationId });
    else if (dice < 22) node.crash();
    else if (dice < 24 && open !== null) this.#crashInOperation(node);
    else if (dice < 27) this.#start();
    else if (dice < 28) this.#backUp(node);
    else if (dice < 30) this.#split();
    else if (dice < 31) this.#world.network.heal();
    else if (dice < 32 && node.reader.members().some((each) => each.hostId === node.hostId && each.state === null))
      node.command({ kind: 'join' });
    if (this.#chance(0.1)) node.clockSkewMs = (this.#random.below(22) - 11) * hourMs;
    if (this.#chance(0.1) && node.running) this.#world.stall(node, this.#random.below(5_000));
  }

  get #running(): SimulatedNode[] {
    return this.#world.nodes.filter((node) => node.running);
  }

  /** The operator's command; now and then who was asked, or anybody else, dies with it on its way. */
  #order(node: SimulatedNode, command: Command): void {
    node.command(command);
    if (!this.#chance(0.25)) return;
    const victim = this.#chance(0.5) ? node : this.#pick(this.#running);
    this.#world.run(this.#random.below(40));
    if (victim?.running) victim.crash();
  }

  /** One or several at once, now and then one of them in the place of who is held for dead, or only to look on. */
  #join(node: SimulatedNode, dead: string | undefined): void {
    const seeds = [node, this.#pick(this.#running)!].map(({ address }) => address);
    for (let left = 1 + this.#random.below(3); left > 0 && this.#added < mostAdded; left--) {
      this.#added++;
      const replace = dead !== undefined && this.#chance(0.6) ? dead : null;
      const join = replace !== null || this.#chance(0.85);
      const config = { ...this.#config(this.#world.nodes.length), strictJoin: this.#chance(0.7), replace, join };
      this.#world.addNode(seeds, config).start();
      if (replace !== null) return;
    }
  }

  #schema(node: SimulatedNode): void {
    const name = this.#pick(['app', 'other'])!;
    const factor = 1 + this.#random.below(3);
    const replication: Record<string, string | number> = this.#chance(0.5)
      ? { class: 'SimpleStrategy', replication_factor: factor }
      : { class: 'NetworkTopologyStrategy', dc1: factor, ...(this.#chance(0.5) ? { dc2: 1 } : {}) };
    const dice = this.#random.fraction();
    if (dice < 0.25) this.#order(node, { kind: 'putSchema', type: 'keyspace', name, replication, document: null });
    else if (dice < 0.4) this.#order(node, { kind: 'dropSchema', type: 'keyspace', name });
    else {
      const request = { operation: 'alterReplication', keyspace: name, replication } as const;
      this.#order(node, { kind: 'beginOperation', request, force: this.#chance(0.5) });
    }
  }

  /** Who drives, who is changed, or who has been asked. */
  #crashInOperation(node: SimulatedNode): void {
    const open = node.reader.register.state!.operation!;
    const wanted = this.#chance(0.5) ? open.subjects[0]?.hostId : this.#running.map(({ hostId }) => hostId).sort()[0];
    (this.#running.find(({ hostId }) => hostId === wanted) ?? node).crash();
  }

  /** A host comes back as it was, at another address, or with its backup. Who was told to stop may be tried again too. */
  #start(): void {
    const stopped = this.#world.nodes.filter((each) => !each.running);
    const backedUp = this.#restored ? undefined : stopped.find((each) => each === this.#backup?.node);
    const node = backedUp ?? this.#pick(stopped);
    if (node === undefined) return;
    if (this.#chance(0.15)) this.#world.move(node, `10.7.0.${++this.#moves}:7600`);
    const alone = this.#world.nodes.every((each) => each === node || each.running);
    if (this.#backup?.node === node && !this.#restored && (alone || this.#chance(0.3))) {
      this.#restored = true;
      node.replaceDisk(this.#backup.stored);
    }
    node.start();
  }

  /** A node is stopped to be copied, and its disk is lost later on. */
  #backUp(node: SimulatedNode): void {
    if (this.#backup === null) {
      node.stop();
      this.#backup = { node, stored: node.diskCopy() };
      node.start();
    } else if (this.#backup.node.running) this.#backup.node.crash();
  }

  #split(): void {
    const addresses = shuffle([...this.#world.nodes], this.#random).map(({ address }) => address);
    const cut = 1 + this.#random.below(addresses.length - 1);
    if (this.#chance(0.7)) this.#world.network.partition([addresses.slice(0, cut), addresses.slice(cut)]);
    else this.#world.network.cut(addresses[0]!, addresses[1]!);
  }

  #token(): bigint {
    return BigInt.asIntN(64, (BigInt(this.#random.uint32()) << 32n) | BigInt(this.#random.uint32()));
  }

  #chance(share: number): boolean {
    return this.#random.fraction() < share;
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[this.#random.below(Math.max(1, items.length))];
  }
}
