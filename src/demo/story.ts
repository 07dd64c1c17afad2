import { paths, pathWith } from '../api/paths.ts';
import type { Ring } from '../api/ring.ts';
import type { Route } from '../api/route.ts';
import type { Status, StatusNode } from '../api/status.ts';
import { RingClient } from '../client/client.ts';
import type { Narrator } from './narrator.ts';
import type { NodeProcess } from './node-process.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const freePort = { gossip: '127.0.0.1:0', http: '127.0.0.1:0' };
const settleWithinMs = 60_000;
const keyspace = 'library';
const replication = '{"class":"SimpleStrategy","replication_factor":2}';

/**
 * The demo's story: five chapters, each of which waits for what it claims, with a deadline, and rejects if it does not
 * come. Whatever was started is left running on the stage.
 */
export class Story {
  readonly #stage: Stage;
  readonly #tell: Narrator;
  readonly #keys: readonly string[];
  /** Host id → the demo's name of the node. */
  readonly #names = new Map<string, string>();

  constructor(stage: Stage, narrator: Narrator, keys: readonly string[]) {
    this.#stage = stage;
    this.#tell = narrator;
    this.#keys = keys;
  }

  async run(): Promise<void> {
    await this.#threeNodes();
    const contactPoints = this.#stage.nodes.map((node) => node.ready.httpAddress);
    const client = await RingClient.connect({ contactPoints });
    try {
      await this.#routeKeys(client);
      await this.#changeSchema(client);
      const killed = await this.#killOne(client);
      await this.#restart(client, killed);
    } finally {
      client.close();
    }
  }

  async #threeNodes(): Promise<void> {
    this.#tell.chapter('Three nodes become one ring');
    const first = await this.#stage.start('node1', freePort, []);
    this.#tell.holds(`node1 listens at ${first.ready.gossipAddress}; it is its own seed, so it founded the cluster`);
    const seeds = [first.ready.gossipAddress];
    await Promise.all(['node2', 'node3'].map((name) => this.#stage.start(name, freePort, seeds)));
    this.#tell.holds('node2 and node3 asked node1, chose their tokens, and joined');
    await until('three nodes see one ring of three', settleWithinMs, () => this.#allSee(3));
    this.#tell.holds('all three see the same three members, all alive, and the same ring');
    await this.#show(first, ['status']);
  }

  async #routeKeys(client: RingClient): Promise<void> {
    const keys = this.#keys;
    this.#tell.chapter(`${keys.length} keys find their owners, without asking anybody`);
    const groups = client.groupByOwner(keys);
    const status = await this.#status(this.#stage.nodes[0]!);
    const rows = status.nodes.map((node) => {
      const count = groups.get(node.hostId)?.length ?? 0;
      return { node, count, share: count / keys.length };
    });
    this.#tell.table([
      ['node', 'tokens', 'owns', 'keys', 'of all keys'],
      ...rows.map(({ node, count, share }) => [
        this.#nameOf(node.hostId),
        String(node.tokens),
        percent(node.owns),
        String(count),
        percent(share),
      ]),
    ]);
    expect(rows.reduce((sum, { count }) => sum + count, 0) === keys.length, 'every key has exactly one owner');
    // Six standard deviations of a binomial share: chance alone never gets there.
    const tolerance = 6 * Math.sqrt(0.25 / keys.length);
    const even = rows.every(({ node, share }) => Math.abs(share - node.owns) <= tolerance);
    expect(even, 'the keys fall on the nodes as the ring is owned');
    this.#tell.holds('every key has one owner, and the keys fall as the ring is owned');

    const key = keys[0]!;
    const local = client.route(key);
    for (const node of this.#stage.nodes) {
      const told = await this.#stage.get<Route>(node, pathWith(paths.route, { key }));
      const agreed = told.token === String(local.token) && told.replicas[0]?.hostId === local.replicas[0]?.hostId;
      expect(agreed, `${node.name} routes ${key} as the client does`);
    }
    this.#tell.holds('the client library, in this process, and all three nodes give the same answer:');
    await this.#show(this.#stage.nodes[1]!, ['route', key]);
  }

  async #changeSchema(client: RingClient): Promise<void> {
    this.#tell.chapter('A schema change, and agreement on it');
    const [, second, third] = this.#stage.nodes;
    await this.#show(second!, ['schema', 'put', 'keyspace', keyspace, '--replication', replication]);
    await this.#show(third!, ['schema', 'agree', '--timeout', '30s']);
    const agreement = await client.awaitSchemaAgreement({ timeoutMs: 30_000 });
    expect(agreement.agreed && Object.keys(agreement.schemaVersions).length === 1, 'all nodes hold one schema version');
    await until(
      'the client knows the keyspace',
      settleWithinMs,
      () => this.#replicasOf(client, this.#keys[0]!).length === 2,
    );
    this.#tell.holds(`all three hold schema ${agreement.schemaVersion}; a key of ${keyspace} now has two replicas`);
  }

  async #killOne(client: RingClient): Promise<Killed> {
    const victim = this.#stage.nodes[2]!;
    this.#tell.chapter(`${victim.name} is killed (SIGKILL: no goodbye)`);
    const { hostId } = victim.ready;
    const before = await this.#tokensOf(this.#stage.nodes[0]!, hostId);
    const { generation } = await this.#memberOf(this.#stage.nodes[0]!, hostId);
    await this.#stage.kill(victim);
    this.#tell.say(
      'Each node probes another once a second; what one cannot reach, another must confirm: a few seconds.',
    );
    const tookMs = await until('both others see it dead', settleWithinMs, async () => {
      const views = await Promise.all(this.#stage.nodes.map((node) => this.#memberOf(node, hostId)));
      return views.every(({ liveness }) => liveness === 'dead');
    });
    this.#tell.holds(`both others have seen it down after ${(tookMs / 1_000).toFixed(1)} s; it still owns its tokens`);
    await this.#show(this.#stage.nodes[0]!, ['status']);
    await this.#preferTheLiving(client, hostId);
    return { victim, tokens: before, generation };
  }

  async #preferTheLiving(client: RingClient, dead: string): Promise<void> {
    await until('the client sees it dead', settleWithinMs, () =>
      client.members().some(({ hostId, liveness }) => hostId === dead && liveness === 'dead'),
    );
    const orphans = this.#keys.filter((key) => this.#replicasOf(client, key)[0]!.hostId === dead);
    const living = orphans.map((key) => this.#replicasOf(client, key).find(({ liveness }) => liveness === 'alive'));
    expect(
      living.every((replica) => replica !== undefined),
      'every key still has a living replica',
    );
    this.#tell.holds(
      `${orphans.length} keys have the dead node as first replica; each goes to its second, which lives:`,
    );
    this.#tell.table([
      ['key', 'natural replicas', 'goes to'],
      ...orphans.slice(0, 4).map((key, index) => [
        key,
        this.#replicasOf(client, key)
          .map(({ hostId, liveness }) => `${this.#nameOf(hostId)} (${liveness})`)
          .join(', '),
        this.#nameOf(living[index]!.hostId),
      ]),
    ]);
  }

  async #restart(client: RingClient, { victim, tokens, generation }: Killed): Promise<void> {
    this.#tell.chapter(`${victim.name} comes back`);
    const { hostId, gossipAddress: gossip, httpAddress: http } = victim.ready;
    const again = await this.#stage.start(victim.name, { gossip, http }, [this.#stage.nodes[0]!.ready.gossipAddress]);
    expect(again.ready.hostId === hostId, 'it is the same node: same host id');
    await until('all see it alive again', settleWithinMs, () => this.#allSee(3));
    for (const node of this.#stage.nodes) {
      const now = await this.#tokensOf(node, hostId);
      expect(now.length > 0 && now.join() === tokens.join(), `${node.name} sees the same tokens as before the kill`);
    }
    const member = await this.#memberOf(again, hostId);
    expect(member.generation > generation, 'its generation is higher than before');
    await until('the client sees it alive', settleWithinMs, () =>
      client.members().every(({ liveness }) => liveness === 'alive'),
    );
    this.#tell.holds(
      `same host id, same ${tokens.length} tokens, generation ${generation} → ${member.generation}; nothing moved`,
    );
    await this.#show(again, ['status']);
  }

  /** Every node sees `count` members, all alive and normal, and all see one ring. */
  async #allSee(count: number): Promise<boolean> {
    const views = await Promise.all(this.#stage.nodes.map((node) => this.#status(node)));
    const whole = ({ nodes }: Status): boolean =>
      nodes.length === count && nodes.every(({ liveness, state }) => liveness === 'alive' && state === 'normal');
    return views.every(whole) && new Set(views.map(({ ringFingerprint }) => ringFingerprint)).size === 1;
  }

  async #show(node: NodeProcess, args: readonly string[]): Promise<void> {
    const printed = await this.#stage.ringctl(node, args);
    const quoted = args.map((arg) => (/^[\w./@-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');
    this.#tell.command(`node bin/ringctl.js --http http://${node.ready.httpAddress} ${quoted}`, printed);
  }

  #status(node: NodeProcess): Promise<Status> {
    return this.#stage.get<Status>(node, paths.status);
  }

  async #memberOf(node: NodeProcess, hostId: string): Promise<StatusNode> {
    const member = (await this.#status(node)).nodes.find((each) => each.hostId === hostId);
    if (member === undefined) throw new Error(`${node.name} does not know ${hostId}`);
    return member;
  }

  async #tokensOf(node: NodeProcess, hostId: string): Promise<string[]> {
    const { tokens } = await this.#stage.get<Ring>(node, paths.ring);
    return tokens.filter((each) => each.hostId === hostId).map(({ token }) => token);
  }

  #replicasOf(client: RingClient, key: string) {
    return client.route(key, { keyspace }).replicas;
  }

  /** The demo's name of a node; also of the one that is down. */
  #nameOf(hostId: string): string {
    for (const { name, ready } of this.#stage.nodes) this.#names.set(ready.hostId, name);
    return this.#names.get(hostId) ?? hostId;
  }
}

/** What was known of a node before it was killed. */
interface Killed {
  readonly victim: NodeProcess;
  readonly tokens: readonly string[];
  readonly generation: number;
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`this does not hold: ${what}`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
