import type { HostId } from '../base/id.ts';
import type { DetectorEffects } from '../detector/failure-detector.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { Delta } from '../gossip/delta.ts';
import type { GossipMessage } from '../gossip/gossip-message.ts';
import type { GossipOutcome, StateChange } from '../gossip/gossiper.ts';
import { choosePeers } from '../gossip/peer-choice.ts';
import type { CopyGuard } from './copy-guard.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext, Protocols } from './node-context.ts';
import type { PeerKeeper } from './peer-keeper.ts';
import { shutdownStatus } from './self-state.ts';

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
  /** A host answered for itself: what it gossiped before is worth acting on now. */
  cameAlive(hostId: HostId): void;
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
  readonly #detectorEffects: DetectorEffects;
  /** Observers and when they were last heard of; forgotten after `observerTimeoutMs`. */
  readonly #observerHeardMs = new Map<HostId, number>();
  /** Generations of observers that were forgotten: gossip about them is ignored, a restart is not. */
  readonly #barred = new Map<HostId, number>();
  #seedHosts: readonly HostId[] = [];

  constructor(options: {
    context: NodeContext;
    membership: Membership;
    copyGuard: CopyGuard;
    peers: PeerKeeper;
    listener: GossipListener;
  }) {
    this.#context = options.context;
    this.#membership = options.membership;
    this.#copyGuard = options.copyGuard;
    this.#peers = options.peers;
    this.#listener = options.listener;
    this.#detectorEffects = {
      ping: (hostId, probe) => this.#context.sendTo(hostId, { kind: 'ping', probe }),
      changed: (hostId, liveness) => {
        this.#peers.livenessChanged(hostId);
        this.#context.effects.emit({ kind: 'liveness', hostId, liveness });
        if (liveness === 'alive') this.#listener.cameAlive(hostId);
      },
    };
  }

  begin(): void {
    const { config, random, effects } = this.#context;
    // Phases are spread, so that nodes started together do not tick together.
    effects.schedule({ kind: 'gossip' }, 1 + random.below(config.gossipIntervalMs));
  }

  /** Probes everybody who is known but not alive: at a start from remembered peers, and after a shadow answer. */
  probeKnown(): void {
    const { detector, gossiper, now, self } = this.#parts();
    for (const hostId of gossiper.hosts()) {
      if (hostId === self.hostId || this.#membership.isAlive(hostId)) continue;
      detector.heard(hostId, now, this.#detectorEffects);
    }
  }

  isBarred(hostId: HostId, generation: number): boolean {
    return this.#membership.isRemoved(hostId) || generation <= (this.#barred.get(hostId) ?? -1);
  }

  /** Hosts behind the seed addresses, as far as they are known. */
  seedsResolved(addresses: ReadonlySet<string>): void {
    this.#seedHosts = [...this.#context.protocols.gossiper.hosts()].filter((hostId) => {
      const address = this.#context.addressOf(hostId);
      return address !== null && addresses.has(address);
    });
  }

  tick(): void {
    const { config, effects, random } = this.#context;
    const { gossiper, detector, now, self } = this.#parts();
    effects.schedule({ kind: 'gossip' }, config.gossipIntervalMs);
    gossiper.beat();
    detector.tick(now, this.#detectorEffects);
    this.#peers.tick();
    this.#forgetObservers();
    const live: HostId[] = [];
    const unreachable: HostId[] = [];
    for (const hostId of gossiper.hosts()) {
      if (hostId === self.hostId) continue;
      (this.#membership.liveness(hostId) === 'dead' ? unreachable : live).push(hostId);
    }
    const chosen = choosePeers(
      { live, unreachable, seeds: this.#seedHosts.filter((host) => host !== self.hostId) },
      random,
    );
    for (const hostId of chosen) this.#context.sendTo(hostId, gossiper.syn());
  }

  /** Takes states that came outside an exchange: those of a shadow answer. */
  learn(states: readonly Delta[]): void {
    const { gossiper, now } = this.#parts();
    this.#apply({ reply: null, changes: gossiper.preload(states, now), selfClaims: [], refused: [] });
    this.#membership.moved();
  }

  receive(from: Source, message: GossipMessage): void {
    const outcome = this.#context.protocols.gossiper.receive(this.#context.now, from.hostId, message);
    this.#apply(outcome);
    if (outcome.reply !== null) this.#context.send(from.hostId, from.replyTo, outcome.reply);
  }

  pong(from: Source, probe: number): void {
    if (from.hostId === this.#context.self.hostId) this.#copyGuard.pong(from, probe);
    else this.#context.protocols.detector.pong(from.hostId, probe, this.#context.now, this.#detectorEffects);
  }

  /** A clean stop is believed at once, and until a higher generation. */
  goodbye(hostId: HostId, generation: number): void {
    const state = this.#context.protocols.gossiper.stateOf(hostId);
    if (state === null || state.generation > generation) return;
    this.#context.protocols.detector.left(hostId, this.#context.now, this.#detectorEffects);
  }

  /** Tells every live host that this one stops; the others learn it by gossip. The number told. */
  sayGoodbye(): number {
    const { gossiper, self } = this.#parts();
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

  stalled(forMs: number): void {
    this.#context.protocols.detector.stalled(forMs, this.#context.now);
  }

  forget(hostId: HostId): void {
    this.#context.protocols.gossiper.forget(hostId);
    this.#context.protocols.detector.forget(hostId);
    this.#observerHeardMs.delete(hostId);
    this.#context.effects.emit({ kind: 'forgotten', hostId });
    this.#listener.forgotten(hostId);
  }

  #apply(outcome: GossipOutcome): void {
    const { detector, now } = this.#parts();
    for (const change of outcome.changes) {
      const { hostId } = change;
      if (!this.#membership.isMember(hostId)) this.#observerHeardMs.set(hostId, now.monotonicMs);
      if (change.kind === 'restarted') detector.restarted(hostId, now, this.#detectorEffects);
      else detector.heard(hostId, now, this.#detectorEffects);
      if (change.kind === 'heartbeat') continue;
      if (change.state.values.get(ApplicationState.status)?.value === shutdownStatus) {
        detector.left(hostId, now, this.#detectorEffects);
      }
      if (change.kind !== 'updated') {
        this.#context.effects.emit({ kind: 'joinedGossip', hostId, restarted: change.kind === 'restarted' });
      }
      if (change.keys.some((key) => placeKeys.has(key))) this.#membership.moved();
      this.#peers.changed(change);
      this.#context.effects.emit({ kind: 'states', hostId, keys: change.keys });
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
    const { config, now } = this.#context;
    for (const [hostId, heardMs] of this.#observerHeardMs) {
      if (this.#membership.isMember(hostId)) this.#observerHeardMs.delete(hostId);
      else if (now.monotonicMs - heardMs >= config.observerTimeoutMs) {
        const state = this.#context.protocols.gossiper.stateOf(hostId);
        if (state !== null) this.#barred.set(hostId, state.generation);
        this.forget(hostId);
      }
    }
  }

  #parts(): Pick<Protocols, 'gossiper' | 'detector'> & Pick<NodeContext, 'now' | 'self'> {
    const { protocols, now, self } = this.#context;
    return { gossiper: protocols.gossiper, detector: protocols.detector, now, self };
  }
}
