import type { Address, HostId } from '../base/id.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { Delta } from '../gossip/delta.ts';
import type { GossipMessage } from '../gossip/gossip-message.ts';
import type { GossipOutcome, StateChange } from '../gossip/gossiper.ts';
import { choosePeers } from '../gossip/peer-choice.ts';
import type { CopyGuard } from './copy-guard.ts';
import type { Source } from './core-io.ts';
import type { DetectorLoop } from './detector-loop.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { PeerKeeper } from './peer-keeper.ts';

/** Keys by which the ring view or the way to a member moves. */
const placeKeys: ReadonlySet<string> = new Set([
  ApplicationState.datacenter,
  ApplicationState.rack,
  ApplicationState.address,
  ApplicationState.httpAddress,
]);

/** What the loop tells the other procedures, all within the step in which it happened. */
export interface GossipListener {
  /** States of a host moved (never called for bare heartbeats). */
  changed(change: StateChange): void;
  forgotten(hostId: HostId): void;
}

/**
 * The periodic round (Cassandra's GossipTask): heartbeat, detector, one exchange with a live peer, now and then with an
 * unreachable one and with a seed. And everything that an exchange brings.
 */
export class GossipLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #copyGuard: CopyGuard;
  readonly #peers: PeerKeeper;
  readonly #listener: GossipListener;
  readonly #detector: DetectorLoop;
  /** Observers and when they were last heard of; forgotten after `observerTimeoutMs`. */
  readonly #observerHeardMs = new Map<HostId, number>();
  /** Generations of observers that were forgotten: gossip about them is ignored, a restart is not. */
  readonly #barred = new Map<HostId, number>();
  #seedAddresses: ReadonlySet<Address> = new Set();

  constructor(options: {
    context: NodeContext;
    membership: Membership;
    copyGuard: CopyGuard;
    detector: DetectorLoop;
    peers: PeerKeeper;
    listener: GossipListener;
  }) {
    this.#context = options.context;
    this.#membership = options.membership;
    this.#copyGuard = options.copyGuard;
    this.#peers = options.peers;
    this.#listener = options.listener;
    this.#detector = options.detector;
  }

  begin(): void {
    const { config, random, effects } = this.#context;
    // Phases are spread, so that nodes started together do not tick together.
    effects.schedule({ kind: 'gossip' }, 1 + random.below(config.gossipIntervalMs));
  }

  /** Nobody else's word brings back what is removed, nor the life of an observer that was forgotten. */
  isBarred(hostId: HostId, generation: number): boolean {
    if (this.#membership.isRemoved(hostId)) return true;
    return !this.#membership.isMember(hostId) && generation <= (this.#barred.get(hostId) ?? -1);
  }

  /** A host spoke for itself: whatever was forgotten of it, it lives. */
  spoke(hostId: HostId): void {
    this.#barred.delete(hostId);
  }

  seedsResolved(addresses: ReadonlySet<Address>): void {
    this.#seedAddresses = addresses;
  }

  tick(): void {
    const { config, effects, random, protocols, self } = this.#context;
    effects.schedule({ kind: 'gossip' }, config.gossipIntervalMs);
    protocols.gossiper.beat();
    this.#detector.tick();
    this.#peers.tick();
    this.#forgetObservers();
    const live: HostId[] = [];
    const unreachable: HostId[] = [];
    const seeds: HostId[] = [];
    for (const hostId of protocols.gossiper.hosts()) {
      if (hostId === self.hostId) continue;
      (this.#membership.liveness(hostId) === 'dead' ? unreachable : live).push(hostId);
      if (this.#seedAddresses.has(this.#context.addressOf(hostId) ?? '')) seeds.push(hostId);
    }
    const syn = protocols.gossiper.syn();
    for (const hostId of choosePeers({ live, unreachable, seeds }, random)) this.#context.sendTo(hostId, syn);
  }

  /** Takes states that came outside an exchange: those of a shadow answer. */
  learn(states: readonly Delta[]): void {
    const { protocols, now } = this.#context;
    const changes = protocols.gossiper.preload(states, now);
    this.#apply({ reply: null, changes, selfClaims: [], refused: [] });
    this.#membership.moved();
  }

  receive(from: Source, message: GossipMessage): void {
    const outcome = this.#context.protocols.gossiper.receive(this.#context.now, from.hostId, message);
    this.#apply(outcome);
    if (outcome.reply !== null) this.#context.send(from.hostId, from.replyTo, outcome.reply);
  }

  /** Tells every live host that this one stops; the others learn it by gossip. The number told. */
  sayGoodbye(): number {
    const { protocols, self } = this.#context;
    const { gossiper } = protocols;
    const deltas = gossiper.wholeState(self.hostId);
    let told = 0;
    for (const hostId of gossiper.hosts()) {
      if (hostId === self.hostId || !this.#membership.isAlive(hostId)) continue;
      this.#context.sendTo(hostId, { kind: 'ack2', deltas });
      this.#context.sendTo(hostId, { kind: 'goodbye', generation: this.#context.generation });
      told++;
    }
    return told;
  }

  forget(hostId: HostId): void {
    this.#context.protocols.gossiper.forget(hostId);
    this.#detector.forget(hostId);
    this.#observerHeardMs.delete(hostId);
    this.#context.effects.emit({ kind: 'forgotten', hostId });
    this.#listener.forgotten(hostId);
  }

  #apply(outcome: GossipOutcome): void {
    const { now, effects } = this.#context;
    for (const change of outcome.changes) {
      const { hostId } = change;
      if (!this.#membership.isMember(hostId)) this.#observerHeardMs.set(hostId, now.monotonicMs);
      this.#detector.heard(change);
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

  #forgetObservers(): void {
    const { config, now, protocols, self } = this.#context;
    // Who was a member until now, such as a joiner whose begin was aborted, is an observer from now on.
    for (const hostId of protocols.gossiper.hosts()) {
      if (hostId === self.hostId || this.#membership.isMember(hostId) || this.#observerHeardMs.has(hostId)) continue;
      this.#observerHeardMs.set(hostId, now.monotonicMs);
    }
    for (const [hostId, heardMs] of this.#observerHeardMs) {
      if (this.#membership.isMember(hostId)) this.#observerHeardMs.delete(hostId);
      else if (now.monotonicMs - heardMs >= config.observerTimeoutMs) {
        const state = this.#context.protocols.gossiper.stateOf(hostId);
        if (state !== null) this.#barred.set(hostId, state.generation);
        this.forget(hostId);
      }
    }
  }

  /** Where a host is, or how it is reached, is part of the ring view as soon as the host is a member. */
  #moved(hostId: HostId): void {
    this.#membership.moved();
    const { state } = this.#membership;
    if (state?.members.has(hostId)) this.#context.effects.emit({ kind: 'ring', epoch: state.epoch });
  }
}
