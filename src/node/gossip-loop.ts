import type { Address, HostId } from '../base/id.ts';
import { untilTurnMs } from '../base/time.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { Delta } from '../gossip/delta.ts';
import { type GossipMessage, type GossipRoots, opensExchange } from '../gossip/gossip-message.ts';
import type { GossipOutcome, StateChange } from '../gossip/gossiper.ts';
import { choosePeers } from '../gossip/peer-choice.ts';
import type { RumorClassStanding } from '../gossip/rumor-queue.ts';
import type { ShadowAck } from '../lifecycle/lifecycle-message.ts';
import { AntiEntropy } from './anti-entropy.ts';
import type { CopyGuard } from './copy-guard.ts';
import type { Source } from './core-io.ts';
import type { DetectorLoop } from './detector-loop.ts';
import type { Membership } from './membership.ts';
import type { SingleMessage } from './message.ts';
import type { NodeContext } from './node-context.ts';
import type { Liveness } from './node-event.ts';
import { Observers } from './observers.ts';
import { Outbox } from './outbox.ts';
import type { PeerKeeper } from './peer-keeper.ts';
import type { Reach } from './reach.ts';
import { RumorLoop } from './rumor-loop.ts';
import type { Rumors } from './rumor-message.ts';
import { SeedContact } from './seed-contact.ts';

/** Keys by which the ring view or the way to a member moves. */
const placeKeys: ReadonlySet<string> = new Set([
  ApplicationState.datacenter,
  ApplicationState.rack,
  ApplicationState.address,
  ApplicationState.httpAddress,
]);

/** Messages that the roots and rumors ride on: probes and their answers. */
const carriers: ReadonlySet<string> = new Set(['ping', 'pong', 'probe', 'probeAck']);
const answers: ReadonlySet<string> = new Set(['pong', 'probeAck']);
/** Bytes that the roots, and what opens a comparison, take in a bundle at most. */
const rootsBytes = 80;
/** Bytes of bulk keys that ride on an answer at most. */
const bulkRiderBytes = 160;

/** What the loop tells the other procedures, all within the step in which it happened. */
export interface GossipListener {
  /** States of a host moved (never called for bare heartbeats). */
  changed(change: StateChange): void;
  forgotten(hostId: HostId): void;
  /** The claims by which this node holds hosts for dead, as messages for one whose liveness root differs. */
  deadClaims(): readonly SingleMessage[];
}

/**
 * What this node hears of the states of others, and how they hear of each other. Two ways, by the cluster's detector
 * (design section 4):
 *
 * - `periodic`: Cassandra's GossipTask. Each interval the heartbeat advances and an exchange is opened with a live peer,
 *   now and then with an unreachable one and with a seed. Chosen with swim, which has no heartbeats: an exchange with so
 *   many live peers, and nothing else; for comparisons.
 * - `roots`: changes travel as rumors, probes carry roots, and an exchange is opened only where those differ.
 */
export class GossipLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #copyGuard: CopyGuard;
  readonly #peers: PeerKeeper;
  readonly #reach: Reach;
  readonly #listener: GossipListener;
  readonly #detector: DetectorLoop;
  readonly #observers: Observers;
  readonly #rumors: RumorLoop;
  readonly #antiEntropy: AntiEntropy;
  readonly #seeds: SeedContact;
  /** Hosts that are held for dead, in `roots`. */
  readonly #dead = new Set<HostId>();
  #byRoots = false;
  /** Under phi a heartbeat is proof of life; under swim the version moves only with what it counts. */
  #beats = false;

  constructor(options: {
    context: NodeContext;
    membership: Membership;
    copyGuard: CopyGuard;
    detector: DetectorLoop;
    peers: PeerKeeper;
    reach: Reach;
    listener: GossipListener;
  }) {
    this.#context = options.context;
    this.#membership = options.membership;
    this.#copyGuard = options.copyGuard;
    this.#peers = options.peers;
    this.#reach = options.reach;
    this.#listener = options.listener;
    this.#detector = options.detector;
    this.#observers = new Observers(options.context, options.membership);
    this.#rumors = new RumorLoop(options.context, options.membership);
    this.#antiEntropy = new AntiEntropy(options.context, options.membership, options.listener);
    this.#seeds = new SeedContact(options.context);
  }

  begin(): void {
    const { config, antiEntropy, detector } = this.#context;
    this.#byRoots = antiEntropy === 'roots';
    this.#beats = detector === 'phi';
    if (this.#byRoots) {
      this.#context.outbox = new Outbox(config.maxDatagramBytes, (...datagram) => this.#riders(...datagram));
      if (config.rumors) this.#rumors.begin();
    }
    if (this.#byRoots || !this.#beats) this.#antiEntropy.begin();
    this.#planTick(0);
  }

  /** Nobody else's word brings back what is removed, nor the life of an observer that was forgotten. */
  isBarred(hostId: HostId, generation: number): boolean {
    return this.#membership.isRemoved(hostId) || this.#observers.isBarred(hostId, generation);
  }

  /** A host spoke for itself: whatever was forgotten of it, it lives. */
  spoke(hostId: HostId): void {
    this.#observers.spoke(hostId);
  }

  seedsResolved(addresses: ReadonlySet<Address>): void {
    this.#seeds.resolved(addresses);
  }

  tick(): void {
    const { config, protocols } = this.#context;
    // A timer may fire a little early: then this is already the turn that it was for.
    this.#planTick(config.gossipIntervalMs / 10);
    if (!this.#byRoots && this.#beats) protocols.gossiper.beat();
    this.#detector.tick();
    for (const hostId of this.#observers.silent(this.#byRoots)) this.forget(hostId);
    if (!this.#byRoots) return this.#beats ? this.#exchange() : this.#antiEntropy.round(config.exchangePeers);
    if (this.#dead.size > 0) this.#reachSeeds();
  }

  /** The end of every step: what this node said of itself is news, and what the step sends leaves. */
  stepEnded(): void {
    if (!this.#byRoots) return;
    this.#rumors.ownMoved();
    this.#context.outbox?.flush(this.#context.effects);
  }

  /** Takes states that came outside an exchange: those of a shadow answer. */
  learn(states: readonly Delta[]): void {
    const { protocols, now } = this.#context;
    const changes = protocols.gossiper.preload(states, now);
    this.#apply({ reply: null, changes, selfClaims: [], refused: [] });
    this.#membership.moved();
  }

  receive(from: Source, message: GossipMessage): void {
    if (opensExchange(message)) this.#antiEntropy.opened();
    const outcome = this.#context.protocols.gossiper.receive(this.#context.now, from.hostId, message);
    this.#apply(outcome);
    if (outcome.reply !== null) this.#context.send(from.hostId, from.replyTo, outcome.reply);
  }

  /** A host says what it holds. */
  metRoots(from: Source, roots: GossipRoots): void {
    if (this.#byRoots) this.#antiEntropy.met(from, roots);
  }

  /** States that somebody has just learned. Bulk keys that do not join on are not asked for: they come in time. */
  heardRumors(from: Source, { deltas }: Rumors): void {
    const { gossiper } = this.#context.protocols;
    const usable = deltas.filter(({ hostId, generation, counter, from: base }) => {
      const have = gossiper.digestOf(hostId);
      return counter === 'state' || (have.generation === generation && base <= have.bulkVersion);
    });
    if (usable.length > 0) this.receive(from, { kind: 'ack2', deltas: usable });
  }

  rumorTimer(mark: number): void {
    this.#rumors.timer(mark);
  }

  /** How each class of rumors stands, for people. */
  rumorStanding(): RumorClassStanding[] {
    return this.#rumors.standing();
  }

  /** What is to be passed on at once: a record that was decided, definitions that changed, a claim that is news. */
  get news(): RumorLoop {
    this.#antiEntropy.news();
    return this.#rumors;
  }

  /** The detector's opinion of a host changed. */
  livenessChanged(hostId: HostId, liveness: Liveness): void {
    if (liveness === 'dead') this.#dead.add(hostId);
    else if (this.#dead.delete(hostId)) this.#antiEntropy.returned();
  }

  /** A seed that was asked who it is answered: it is met like a host that was known. */
  seedAnswered(from: Source, answer: ShadowAck): void {
    if (!this.#seeds.answered(from.hostId, answer)) return;
    this.learn(answer.states);
    const replyTo = this.#context.addressOf(from.hostId);
    if (replyTo !== null) this.#antiEntropy.exchange({ hostId: from.hostId, replyTo });
  }

  /** Tells every live host that this one stops; the others learn it by gossip. The number told. */
  sayGoodbye(): number {
    const { protocols, self } = this.#context;
    const deltas = protocols.gossiper.wholeState(self.hostId);
    let told = 0;
    for (const hostId of protocols.gossiper.hosts()) {
      if (hostId === self.hostId || !this.#membership.isAlive(hostId)) continue;
      this.#context.sendTo(hostId, { kind: 'ack2', deltas });
      this.#context.sendTo(hostId, { kind: 'goodbye', generation: this.#context.generation });
      told++;
    }
    return told;
  }

  forget(hostId: HostId): void {
    const { gossiper } = this.#context.protocols;
    gossiper.forget(hostId);
    gossiper.roots.setDead(hostId, null);
    this.#detector.forget(hostId);
    this.#observers.forgot(hostId);
    this.#rumors.forget(hostId);
    this.#dead.delete(hostId);
    this.#context.effects.emit({ kind: 'forgotten', hostId });
    this.#listener.forgotten(hostId);
  }

  #apply(outcome: GossipOutcome): void {
    const { effects } = this.#context;
    for (const change of outcome.changes) {
      const { hostId } = change;
      this.#observers.heard(hostId);
      this.#detector.heard(change);
      this.#rumors.stateMoved(change);
      if (change.state.version !== change.previous?.version) this.#antiEntropy.news();
      if (change.kind === 'heartbeat') continue;
      if (change.kind !== 'updated') {
        effects.emit({ kind: 'joinedGossip', hostId, restarted: change.kind === 'restarted' });
      }
      if (change.keys.some((key) => placeKeys.has(key))) this.#moved(hostId);
      this.#peers.changed(change);
      effects.emit({ kind: 'states', hostId, keys: change.keys });
      this.#listener.changed(change);
    }
    for (const claim of outcome.selfClaims) this.#copyGuard.claimed(claim);
    for (const refusal of outcome.refused) {
      this.#context.log('debug', 'refusedState', `state of ${refusal.hostId} refused: ${refusal.reason}`, {
        ...refusal,
      });
    }
  }

  /** The next turn that is more than `leastMs` away. Phases are spread, so that nodes started together do not tick together. */
  #planTick(leastMs: number): void {
    const { config, phase, now, effects } = this.#context;
    const { gossipIntervalMs } = config;
    const delayMs = untilTurnMs(now.wallMs, Math.floor(phase * gossipIntervalMs), gossipIntervalMs, leastMs);
    effects.schedule({ kind: 'gossip' }, delayMs);
  }

  /** One exchange with a live peer, and by chance with one that is unreachable and with a seed. */
  #exchange(): void {
    const { protocols, self, random, config } = this.#context;
    const live: HostId[] = [];
    const unreachable: HostId[] = [];
    const seeds: HostId[] = [];
    for (const hostId of protocols.gossiper.hosts()) {
      if (hostId === self.hostId) continue;
      (this.#membership.liveness(hostId) === 'dead' ? unreachable : live).push(hostId);
      if (this.#seeds.has(this.#context.addressOf(hostId))) seeds.push(hostId);
    }
    const syn = protocols.gossiper.syn();
    const chosen = choosePeers({ live, unreachable, seeds }, random, config.exchangePeers);
    for (const hostId of chosen) this.#context.sendTo(hostId, syn);
    if (unreachable.length > 0) this.#reachSeeds();
  }

  #reachSeeds(): void {
    this.#seeds.tick((address) => this.#reach.leadsToLive(address));
  }

  #riders(roomBytes: number, carried: readonly SingleMessage[], to: HostId): SingleMessage[] {
    if (!carried.some(({ kind }) => carriers.has(kind))) return [];
    const bulkBytes = carried.some(({ kind }) => answers.has(kind)) ? bulkRiderBytes : 0;
    // One that is dead is asked too, before the one whose turn it is, and would answer nothing.
    const asks = carried.some(({ kind }) => kind === 'probe') && this.#membership.liveness(to) !== 'dead';
    const opened = asks ? this.#antiEntropy.probeRiders() : [];
    return [...this.#rumors.riders(roomBytes - rootsBytes, bulkBytes), this.#antiEntropy.roots(), ...opened];
  }

  /** Where a host is, or how it is reached, is part of the ring view as soon as the host is a member. */
  #moved(hostId: HostId): void {
    this.#membership.moved();
    const { state } = this.#membership;
    if (state?.members.has(hostId)) this.#context.effects.emit({ kind: 'ring', epoch: state.epoch });
  }
}
