import { type HostId, randomHex, randomUuid } from '../base/id.ts';
import { type Random, SeededRandom } from '../base/random.ts';
import { secondMs } from '../base/time.ts';
import { stateOfSnapshot } from '../epoch/ring-state.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import { wholeDeltas } from '../gossip/build-delta.ts';
import type { EndpointState } from '../gossip/endpoint-state.ts';
import { versionedValue } from '../gossip/versioned-value.ts';
import { defaultNodeConfig, type NodeConfig } from '../node/node-config.ts';
import { emptyStoredState, type StoredPeer, type StoredState } from '../node/store-record.ts';
import { randomTokens } from '../token/random-tokens.ts';
import { encodeTokens } from '../token/token-list.ts';
import { type SimulatedNode, worldStartMs } from './simulated-node.ts';
import { addressOf, World } from './world.ts';

/** How long all get to find one another alive, on a network that loses nothing. */
const livenessMs = 4 * secondMs;
const quietNetwork = { lossRatio: 0, streamLossRatio: null, streams: true, duplicateRatio: 0, reorderRatio: 0 };

/** Who a node of the cluster will be, decided before any of them starts. */
interface Founder {
  readonly hostId: HostId;
  readonly bootNonce: string;
  readonly tokens: readonly bigint[];
}

/**
 * A cluster of `size` nodes in the middle of its life, without simulating that many joins: every store has the same ring
 * and the same peers, built once and shared, and each node starts as the member that its store says it is, with just the
 * state that the others hold of it. What a node says of itself is taken from a node that was really started, so this
 * knows no key by heart but those that differ between nodes. They run for the first
 * seconds of the world on a network without loss, and find one another alive; then it is as it was.
 */
export function convergedCluster(world: World, size: number, config: Partial<NodeConfig> = {}): SimulatedNode[] {
  const random = new SeededRandom(world.seed ^ 0x5eed);
  const founders = Array.from({ length: size }, () => founderOf(random, config.tokens ?? defaultNodeConfig.tokens));
  // Every node will sort all others by the ends of their host ids. Slots given in that order save N sorts of N.
  const byTail = founders
    .map(({ hostId }) => hostId)
    .sort((left, right) => (left.slice(-8) < right.slice(-8) ? -1 : 1));
  for (const hostId of byTail) world.directory.slotOf(hostId);
  const seed = addressOf(world.nodes.length);
  const nodes = founders.map(() => world.addNode([seed], config));
  const common = commonState(random, founders, nodes, config);
  // The ring's fingerprint holds the places of all, so the first start cannot know it; the second does.
  let stored = common;
  for (let pass = 0; pass < 2; pass++) {
    const model = modelState(founders[0]!, storeOf(stored, founders[0]!, nodes[0]!), nodes[0]!);
    const states = founders.map((founder, index) => stateOf(founder, nodes[index]!, model));
    stored = { ...common, states, peers: states.map((state, index) => peerOf(state, nodes[index]!)) };
  }
  for (const [index, node] of nodes.entries()) {
    node.keepsEvents = false;
    node.replaceDisk(storeOf(stored, founders[index]!, node));
    // All run before the first of their messages arrives: nobody finds another not up yet.
    const { commitMs } = node;
    node.commitMs = 0;
    node.start(founders[index]!.bootNonce);
    node.commitMs = commitMs;
  }
  const { options } = world.network;
  world.network.change(quietNetwork);
  world.run(livenessMs);
  world.network.change(options);
  return nodes;
}

function founderOf(random: Random, tokens: number): Founder {
  return {
    hostId: randomUuid(random),
    bootNonce: randomHex(random, 8),
    tokens: randomTokens(tokens, random, () => false),
  };
}

/** The one generation of all: that of a start at the world's first second. */
const generation = Math.floor(worldStartMs / 1_000);
const epoch = 1;

function commonState(
  random: Random,
  founders: readonly Founder[],
  nodes: readonly SimulatedNode[],
  config: Partial<NodeConfig>,
): StoredState {
  const snapshot = {
    clusterId: randomUuid(random),
    clusterName: nodes[0]!.config.clusterName,
    detector: config.detector ?? defaultNodeConfig.detector,
    lineage: randomUuid(random),
    epoch,
    chainHash: randomHex(random, 16),
    members: founders.map(({ hostId, tokens }) => ({ hostId, state: 'normal' as const, tokens, sinceEpoch: epoch })),
    operation: null,
    removed: [],
  };
  const fold = stateOfSnapshot(snapshot);
  if (fold === null) throw new Error(`a ring of ${founders.length} nodes could not be made`);
  return { ...emptyStoredState, snapshot, fold };
}

function storeOf(common: StoredState, founder: Founder, { config }: SimulatedNode): StoredState {
  const { hostId } = founder;
  return {
    ...common,
    identity: {
      hostId,
      clusterName: config.clusterName,
      clusterId: common.snapshot!.clusterId,
      generation: generation - 1,
      datacenter: config.datacenter,
      rack: config.rack,
    },
    lifecycle: { phase: 'joined', tokens: [] },
  };
}

/** What a node with this store says of itself once it runs, found out in a world of its own. */
function modelState(founder: Founder, stored: StoredState, { address, config }: SimulatedNode): EndpointState {
  const world = new World(1);
  const node = world.addNode([], config, address);
  node.commitMs = 0;
  node.replaceDisk(stored);
  node.start(founder.bootNonce);
  world.run(0);
  const state = node.reader.endpointState(founder.hostId);
  if (state === null) throw new Error(`the model node does not run: ${node.fatal?.message ?? 'no reason'}`);
  return state;
}

/** The state of a node that says what the model says, but for what is its own. */
function stateOf(
  { hostId, bootNonce, tokens }: Founder,
  { address }: SimulatedNode,
  model: EndpointState,
): EndpointState {
  const values = new Map(model.values);
  const own = {
    [ApplicationState.tokens]: `${epoch},${encodeTokens(tokens)}`,
    [ApplicationState.address]: address,
    [ApplicationState.bootNonce]: bootNonce,
  };
  for (const [key, value] of Object.entries(own)) {
    values.set(key, versionedValue(key, value, model.values.get(key)!.version));
  }
  return { ...model, hostId, values };
}

function peerOf(state: EndpointState, { address }: SimulatedNode): StoredPeer {
  return { hostId: state.hostId, address, lastSeenMs: worldStartMs, states: wholeDeltas(state) };
}
